/* SPDX-License-Identifier: ISC */

/*
 * The trace of control messages.  Its wording is documented and read by
 * people's scripts; what looks inconsistent in it (two spellings of "result
 * code", framing capability as bits or as a word) is meant.
 */

#include "trace.h"

#include <stdio.h>
#include <string.h>

#include "msg.h"
#include "proto.h"

#define VALUE_MAX 96

/* Bytes that are no printable ASCII become '?'.  Apple counts the NUL that
 * ends its host name. */
static void
put_text(char *out, struct rbuf value)
{
	size_t i, n = rbuf_left(&value);

	while (n > 0 && value.p[n - 1] == '\0')
		n--;
	if (n > VALUE_MAX - 1)
		n = VALUE_MAX - 1;
	for (i = 0; i < n; i++)
		out[i] = value.p[i] >= 0x20 && value.p[i] < 0x7f
			     ? (char)value.p[i]
			     : '?';
	out[n] = '\0';
}

static void
put_speed(char *out, uint32_t bps)
{
	if (bps != 0 && bps % 1000000 == 0)
		snprintf(out, VALUE_MAX, "%uMbit/s", bps / 1000000);
	else if (bps != 0 && bps % 1000 == 0)
		snprintf(out, VALUE_MAX, "%ukbit/s", bps / 1000);
	else
		snprintf(out, VALUE_MAX, "%ubit/s", bps);
}

static void
put_framing(char *out, uint32_t bits, bool sent)
{
	static const char *const words[] = { "none", "sync", "async",
		"async sync" };

	if (sent)
		snprintf(out, VALUE_MAX, "%s", words[bits & 3]);
	else
		snprintf(out, VALUE_MAX, "Abit:%u Sbit:%u",
		    (bits & FRAMING_ASYNC) != 0, (bits & FRAMING_SYNC) != 0);
}

static void
put_number(char *out, uint16_t type, uint32_t v, bool sent)
{
	switch (type) {
	case AVP_MESSAGE_TYPE:
		snprintf(out, VALUE_MAX, "%s", l2tp_type_name((uint16_t)v));
		break;
	case AVP_PROTOCOL_VERSION:
		snprintf(
		    out, VALUE_MAX, "%u revision %u", v >> 8 & 0xff, v & 0xff);
		break;
	case AVP_FRAMING_CAP:
		put_framing(out, v, sent);
		break;
	case AVP_FIRMWARE:
		snprintf(out, VALUE_MAX, "0x%x", v);
		break;
	case AVP_TX_SPEED:
	case AVP_RX_SPEED:
		put_speed(out, v);
		break;
	default:
		snprintf(out, VALUE_MAX, "%u", v);
	}
}

static void
put_value(
    char *out, const struct avp_spec *spec, const struct avp *a, bool sent)
{
	struct rbuf v = a->value;
	uint16_t v16 = 0;
	uint32_t v32 = 0;

	if (rbuf_left(&v) < spec->min || rbuf_left(&v) > spec->max) {
		snprintf(out, VALUE_MAX, "malformed");
		return;
	}
	switch (spec->kind) {
	case AVP_U16:
		if (a->type == AVP_RESULT_CODE)
			v16 = msg_result(v.p);
		else if (!rbuf_u16(&v, &v16))
			return;
		put_number(out, a->type, v16, sent);
		break;
	case AVP_U32:
		if (!rbuf_u32(&v, &v32))
			return;
		put_number(out, a->type, v32, sent);
		break;
	case AVP_TEXT:
		put_text(out, v);
		break;
	case AVP_OCTETS:
		snprintf(out, VALUE_MAX, "%zu octets", rbuf_left(&v));
		break;
	case AVP_SECRET:
		break;
	}
}

static const char *
name_of(
    const struct avp_spec *spec, const struct avp *a, uint16_t type, bool sent)
{
	if (sent && a->type == AVP_RESULT_CODE)
		return "resultcode";
	if (!sent && a->type == AVP_ASSIGNED_TID && type == L2TP_STOPCCN)
		return "assigned StopCCN tunnel id";
	return spec->name;
}

void
trace_avp(
    char line[TRACE_LINE_MAX], const struct avp *a, uint16_t type, bool sent)
{
	const struct avp_spec *spec = avp_spec(a->type);
	char value[VALUE_MAX] = "";

	if (a->vendor != 0 || spec == NULL) {
		snprintf(line, TRACE_LINE_MAX,
		    "(%u)unknown vendor %u mandatory %u", a->type, a->vendor,
		    a->mandatory);
		return;
	}
	if (a->hidden)
		snprintf(value, sizeof(value), "hidden");
	else
		put_value(value, spec, a, sent);
	snprintf(line, TRACE_LINE_MAX, "%s(%u)%s%s%s", sent ? "set " : "",
	    a->type, name_of(spec, a, type, sent), value[0] == '\0' ? "" : " ",
	    value);
}

void
trace_message(
    struct env *env, int level, const char *header, struct rbuf body, bool sent)
{
	char line[TRACE_LINE_MAX];
	struct avp a;
	struct rbuf v;
	uint16_t type = 0;

	env_log(env, level, "%s", header);
	while (rbuf_left(&body) != 0) {
		if (avp_next(&body, &a) != 0) {
			env_log(env, level, "   malformed AVP");
			return;
		}
		v = a.value;
		if (a.vendor == 0 && a.type == AVP_MESSAGE_TYPE &&
		    (!rbuf_u16(&v, &type)))
			type = 0;
		trace_avp(line, &a, type, sent);
		env_log(env, level, "   %s", line);
	}
}
