/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <check.h>

#include "../../ppp/ifstats.h"

/* On any machine there is "lo". */
START_TEST(ifstats_count_what_an_interface_carries)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct radius_usage before, after;
	char data[1000] = { 0 };
	int fd, i;

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_ne(fd, -1);
	ck_assert(ifstats_read("lo", &before));
	for (i = 0; i < 10; i++)
		(void)sendto(fd, data, sizeof(data), 0, (struct sockaddr *)&to,
		    sizeof(to));
	close(fd);
	ck_assert(ifstats_read("lo", &after));
	ck_assert_uint_ge(after.tx_octets, before.tx_octets + 10 * 1000);
	ck_assert_uint_ge(after.rx_octets, before.rx_octets + 10 * 1000);
	ck_assert_uint_ge(after.tx_packets, before.tx_packets + 10);
	ck_assert_uint_ge(after.rx_packets, before.rx_packets + 10);
}
END_TEST

START_TEST(ifstats_of_no_interface_are_none)
{
	struct radius_usage u;

	ck_assert(!ifstats_read("ppp4711", &u));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ifstats");
	TCase *tc = tcase_create("ifstats");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, ifstats_count_what_an_interface_carries);
	tcase_add_test(tc, ifstats_of_no_interface_are_none);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
