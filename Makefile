# lnsd: an L2TP/IPsec network server.  GNU make; see README.md.

VERSION := 0.1.0

PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
LIBDIR ?= $(PREFIX)/lib/lnsd
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/lnsd
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
SYSCONFDIR ?= /etc
UNITDIR ?= /lib/systemd/system
SYSUSERSDIR ?= /usr/lib/sysusers.d

# make V=1 shows the commands.
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(Q),@echo "  $(1)	$@")

CC ?= cc
PKGS := libevent libconfuse libmnl libcrypto jansson
# Of lnsctl alone.
LNSCTL_PKGS := ncursesw libqrencode
SAN ?= 0

# Objects of different flavours never mix.
B := build$(if $(filter 1,$(SAN)),-san)$(if $(filter 1,$(COV)),-cov)

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wundef -Wvla -Wformat=2 -Wconversion -Wsign-conversion -Wswitch-enum
OPT := -O2 -g
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
LDHARDEN := -pie -Wl,-z,relro,-z,now
ifeq ($(SAN),1)
OPT := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
HARDEN := -fPIE
LDHARDEN := -pie -fsanitize=address,undefined
endif
ifeq ($(COV),1)
OPT := -O0 -g --coverage
HARDEN := -fPIE
LDHARDEN := -pie --coverage
endif

CPPFLAGS += -D_GNU_SOURCE -Iinclude -DLNSD_VERSION='"$(VERSION)"' \
	-DLNSD_CONF='"$(SYSCONFDIR)/lnsd/lnsd.conf"' \
	-DLNSD_LIBDIR='"$(LIBDIR)"'
CFLAGS_ALL = -std=c11 $(OPT) $(WARN) $(HARDEN) $(CFLAGS)
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) $(LNSCTL_PKGS) 2>/dev/null)
PKG_LIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null)
LNSCTL_LIBS = $(shell pkg-config --libs $(LNSCTL_PKGS) 2>/dev/null)
CHECK_LIBS = $(shell pkg-config --libs check 2>/dev/null)

CORE_SRC := $(wildcard lnsd/l2tp/*.c)
SHELL_SRC := $(filter-out lnsd/main.c,$(wildcard lnsd/*.c ipsec/*.c ppp/*.c))
UNIT_SRC := $(wildcard tests/unit/check_*.c)
SIM_SRC := $(wildcard tests/sim/sim_*.c)
SIM_LIB_SRC := $(filter-out $(SIM_SRC),$(wildcard tests/sim/*.c))
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC := $(wildcard tests/bench/bench_*.c)
PATH_SRC := tests/bench/path.c tests/bench/world.c
SETUP_SRC := tests/bench/setup.c tests/bench/ppp_client.c
DIAL_SRC := tests/lab/dial.c
LNSCTL_SRC := $(wildcard lnsd/lnsctl/*.c)
LNSCTL_LIB_SRC := $(filter-out lnsd/lnsctl/main.c,$(LNSCTL_SRC))
ALL_SRC := $(CORE_SRC) $(SHELL_SRC) lnsd/main.c $(LNSCTL_SRC) \
	$(wildcard ppp/plugin/*.c)
ALL_HDR := $(wildcard include/*.h lnsd/*.h lnsd/l2tp/*.h lnsd/lnsctl/*.h ipsec/*.h \
	ppp/*.h \
	ppp/plugin/*.h tests/unit/*.h tests/sim/*.h tests/fuzz/*.h \
	tests/bench/*.h)
TEST_SRC := $(UNIT_SRC) $(SIM_SRC) $(SIM_LIB_SRC) $(FUZZ_SRC) $(BENCH_SRC) \
	$(PATH_SRC) $(SETUP_SRC) $(DIAL_SRC)

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(UNIT_SRC))
SIM := $(patsubst tests/sim/%.c,$(B)/sim/%,$(SIM_SRC))
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(FUZZ_SRC))
BENCH_ENGINE := $(patsubst tests/bench/%.c,$(B)/bench/%,$(BENCH_SRC))
BENCH_PATH := $(B)/bench/path
BENCH_SETUP := $(B)/bench/setup

.PHONY: all
all: $(B)/lnsd $(B)/lnsctl $(B)/lnsd-ppp.so

$(B)/libl2tp.a: $(call obj,$(CORE_SRC))
$(B)/libshell.a: $(call obj,$(SHELL_SRC))
$(B)/libsim.a: $(call obj,$(SIM_LIB_SRC))
$(B)/%.a:
	$(call say,AR)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/lnsd: $(call obj,lnsd/main.c) $(B)/libshell.a $(B)/libl2tp.a
	$(call say,LD)
	$(Q)$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lpthread

$(B)/liblnsctl.a: $(call obj,$(LNSCTL_LIB_SRC))

$(B)/lnsctl: $(call obj,lnsd/lnsctl/main.c) $(B)/liblnsctl.a $(B)/libshell.a \
    $(B)/libl2tp.a
	$(call say,LD)
	$(Q)$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LNSCTL_LIBS) \
	    -lpthread

# pppd loads the plugin: its headers are not ours to warn about, and the
# sanitizers' run time is not in pppd.
$(B)/lnsd-ppp.so: $(wildcard ppp/plugin/*.c ppp/plugin/*.h)
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE \
	    -fstack-protector-strong -D_FORTIFY_SOURCE=2 $(CFLAGS) $(LDFLAGS) \
	    -fPIC -shared \
	    -isystem /usr/include/pppd -Wl,-z,relro,-z,now \
	    -o $@ $(wildcard ppp/plugin/*.c)

$(B)/obj/%.o: %.c
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/unit/%: $(B)/obj/tests/unit/%.o $(B)/liblnsctl.a $(B)/libshell.a $(B)/libl2tp.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LNSCTL_LIBS) \
	    $(PKG_LIBS) -lpthread

$(B)/sim/%: $(B)/obj/tests/sim/%.o $(B)/libsim.a $(B)/libl2tp.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(PKG_LIBS) -lpthread

# The fuzz targets with a plain main() that replays the corpus.
$(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(B)/libsim.a $(B)/libshell.a \
    $(B)/libl2tp.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lpthread

$(BENCH_PATH): $(call obj,$(PATH_SRC)) $(B)/libshell.a $(B)/libl2tp.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lpthread

$(BENCH_SETUP): $(call obj,$(SETUP_SRC)) $(B)/libsim.a $(B)/libshell.a \
    $(B)/libl2tp.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lpthread

$(B)/bench/%: $(B)/obj/tests/bench/%.o $(B)/libsim.a $(B)/libl2tp.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(PKG_LIBS) -lpthread

# A client for the lab.
$(B)/dial: $(call obj,$(DIAL_SRC)) $(B)/libsim.a $(B)/libshell.a $(B)/libl2tp.a
	$(call say,LD)
	$(Q)$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lpthread

# The assembler reads them, which the compiler does not know.
$(B)/obj/lnsd/page_files.o: $(wildcard lnsd/page/*)

-include $(patsubst %.c,$(B)/obj/%.d,$(ALL_SRC) $(TEST_SRC))

.SECONDARY:

.PHONY: clean
clean:
	rm -rf build build-san build-cov build-san-cov

# --- packages -------------------------------------------------------------

# What an lnsd that runs needs; what building it needs; what tests need.
PKG_RUN := libreswan libnss3-tools ppp nftables kmod
PKG_BUILD := gcc libc6-dev make pkg-config libevent-dev libconfuse-dev \
	libmnl-dev libssl-dev libjansson-dev libncurses-dev libqrencode-dev \
	ppp-dev
PKG_DEB := build-essential dpkg-dev debhelper dh-apparmor check lintian
PKG_TEST := check clang clang-format clang-tidy clang-tools cppcheck \
	libclang-rt-dev mandoc valgrind git
PKG_LAB := xl2tpd iproute2 iputils-ping ethtool procps tcpdump tshark socat \
	qemu-system-x86 busybox-static cpio openssl python3 \
	freeradius freeradius-utils dbus prometheus chromium systemd \
	systemd-sysv apparmor

.PHONY: deps deps-server
deps:
	@sh tests/deps.sh $(PKG_RUN) $(PKG_BUILD) $(PKG_DEB) $(PKG_TEST) \
	    $(PKG_LAB)
deps-server:
	@sh tests/deps.sh $(PKG_RUN) $(PKG_BUILD)

# --- install --------------------------------------------------------------

.PHONY: install
install: all
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(LIBDIR) \
	    $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8 \
	    $(DESTDIR)$(DOCDIR)/examples $(DESTDIR)$(UNITDIR) \
	    $(DESTDIR)$(COMPLETIONDIR) \
	    $(DESTDIR)$(SYSUSERSDIR) $(DESTDIR)$(SYSCONFDIR)/apparmor.d
	install -d -m 0700 $(DESTDIR)$(SYSCONFDIR)/lnsd
	install -m 0755 $(B)/lnsd $(DESTDIR)$(SBINDIR)/lnsd
	install -m 0755 $(B)/lnsctl $(DESTDIR)$(SBINDIR)/lnsctl
	install -m 0644 $(B)/lnsd-ppp.so $(DESTDIR)$(LIBDIR)/lnsd-ppp.so
	install -m 0644 lnsd/lnsd.8 $(DESTDIR)$(MANDIR)/man8/lnsd.8
	install -m 0644 lnsd/lnsctl.8 $(DESTDIR)$(MANDIR)/man8/lnsctl.8
	install -m 0644 lnsd/lnsd.conf.5 $(DESTDIR)$(MANDIR)/man5/lnsd.conf.5
	install -m 0644 conf/*.example conf/grafana.json conf/lnsd-alerts.yml \
	    $(DESTDIR)$(DOCDIR)/examples
	install -m 0644 conf/lnsd.service $(DESTDIR)$(UNITDIR)/lnsd.service
	install -m 0644 conf/lnsd.sysusers $(DESTDIR)$(SYSUSERSDIR)/lnsd.conf
	install -m 0644 conf/lnsctl.bash-completion \
	    $(DESTDIR)$(COMPLETIONDIR)/lnsctl
	install -m 0644 conf/lnsd.apparmor \
	    $(DESTDIR)$(SYSCONFDIR)/apparmor.d/lnsd

# A Debian package, $(B)/deb/*.deb, of a copy of the tree.
.PHONY: deb
deb: $(B)/deb/ok
$(B)/deb/ok: $(ALL_SRC) $(ALL_HDR) $(wildcard debian/* conf/*) \
    $(wildcard lnsd/*.[158] lnsd/page/*) Makefile CHANGES.md
	@sh tests/deps.sh $(PKG_BUILD) $(PKG_DEB)
	@rm -rf $(B)/deb
	@mkdir -p $(B)/deb/lnsd
	@tar -c --exclude='./build*' --exclude=./.git . | \
	    tar -x -C $(B)/deb/lnsd
	@cd $(B)/deb/lnsd && DEB_BUILD_OPTIONS="nocheck parallel=2" \
	    dpkg-buildpackage -b -us -uc > ../build.log 2>&1 || \
	    { tail -n 20 ../build.log; exit 1; }
	@lintian --allow-root --fail-on error,warning $(B)/deb/*.changes
	@rm -r $(B)/deb/lnsd
	@touch $@
	@ls $(B)/deb/lnsd_*.deb

# --- tests ----------------------------------------------------------------

.PHONY: tests check-fast check lab demo
tests: all $(UNIT) $(SIM) $(FUZZ) $(BENCH_PATH) $(BENCH_SETUP) $(B)/dial

# No root, no kernel: unit, simulation, corpus, purity, format, manuals.
check-fast: tests
	@sh tests/run.sh $(B) fast

# Everything; installs what is missing.
check: deps
	@sh tests/run.sh $(B) all

# All scenarios, or those in T="nat stop".
lab: all $(B)/dial $(BENCH_SETUP) \
    $(if $(T),$(if $(filter package,$(T)),deb),deb)
	@LNSD_BUILD=$(CURDIR)/$(B) bash tests/lab/run.sh $(T)

demo: deps
	@$(MAKE) --no-print-directory -s all
	@LNSD_BUILD=$(CURDIR)/$(B) bash tests/lab/demo.sh

.PHONY: check-pure check-fmt check-man check-valgrind
# The engine's library may need memory, strings and hashes, and no more.
PURE := mem[a-z]*|str[a-z]*|v?snprintf|calloc|realloc(array)?|free|EVP_.*
PURE := $(PURE)|inet_ntop|__(v?snprintf|mem[a-z]*|str[a-z]*)_chk
PURE := $(PURE)|__stack_chk_fail|__assert_fail|_GLOBAL_OFFSET_TABLE_
check-pure: $(B)/libl2tp.a
	@nm -g --defined-only $< | awk 'NF == 3 { print $$3 }' | sort -u \
	    > $(B)/pure.own
	@nm -u $< | awk 'NF == 2 { print $$2 }' | sort -u \
	    | grep -vxFf $(B)/pure.own | grep -vxE '$(PURE)' \
	    > $(B)/pure.alien; \
	if [ -s $(B)/pure.alien ]; then \
		echo "libl2tp.a is not pure, it needs:"; cat $(B)/pure.alien; \
		exit 1; \
	fi

check-fmt:
	@clang-format --dry-run -Werror $(ALL_SRC) $(ALL_HDR) $(TEST_SRC)

check-man:
	@mandoc -T lint -W warning lnsd/*.8 lnsd/*.5 > $(B)/man.lint; \
	status=$$?; cat $(B)/man.lint; exit $$status

check-valgrind: tests
	@for t in $(UNIT) $(SIM); do CK_FORK=no valgrind -q --leak-check=full \
	    --error-exitcode=1 $$t > /dev/null || exit 1; done

# --- fuzzing, analysis, coverage -------------------------------------------

# CPU per operation of the engine; instructions per packet in the kernel at the
# numbers of tunnels in N="1 100 1000 3000"; instructions, memory and time per
# client set up, beside xl2tpd, with CLIENTS="1 50 200 500" (BENCH=big: 2000,
# too).
CLIENTS ?= 1 50 200 500$(if $(filter big,$(BENCH)), 2000)
.PHONY: bench bench-path bench-setup
bench: $(BENCH_ENGINE) $(BENCH_PATH) all $(BENCH_SETUP)
	@for b in $(BENCH_ENGINE); do $$b -o $$b.json || exit 1; done
	@bash tests/bench/path.sh $(B) $(N)
	@bash tests/bench/setup.sh $(B) $(CLIENTS)
bench-setup: all $(BENCH_SETUP)
	@bash tests/bench/setup.sh $(B) $(CLIENTS)
bench-path: $(BENCH_PATH)
	@bash tests/bench/path.sh $(B) $(N)

# Ten times the seeds, and the statistics.
.PHONY: sim-long
sim-long: $(SIM)
	@for s in $(SIM); do $$s -l -v || exit 1; done

T ?=
S ?= 60
.PHONY: fuzz
# make fuzz T=msg S=60
fuzz:
	@mkdir -p build-fuzz build-fuzz/new-$(T)
	clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=all -DLNSD_LIBFUZZER $(CPPFLAGS) \
	    -fsanitize-coverage-ignorelist=tests/fuzz/uncounted.txt \
	    -o build-fuzz/fuzz_$(T) tests/fuzz/fuzz_$(T).c \
	    tests/sim/contract.c tests/sim/lac.c $(CORE_SRC) $(SHELL_SRC) \
	    $(PKG_LIBS) -lpthread
	build-fuzz/fuzz_$(T) -max_total_time=$(S) -max_len=1400 \
	    build-fuzz/new-$(T) tests/data/fuzz/$(T)

# Left out: what gcc's -Wconversion decides better, what rejects every memcpy
# or an array of pointers, two branches that say the same on purpose, and the
# va_list check, which clang 14 gets wrong for vsnprintf().
TIDY := -*,bugprone-*,clang-analyzer-*
TIDY := $(TIDY),-bugprone-easily-swappable-parameters
TIDY := $(TIDY),-bugprone-narrowing-conversions
TIDY := $(TIDY),-bugprone-sizeof-expression,-bugprone-branch-clone
TIDY := $(TIDY),-bugprone-implicit-widening-of-multiplication-result
TIDY := $(TIDY),-clang-analyzer-valist.Uninitialized
UNSAFE := security.insecureAPI.DeprecatedOrUnsafeBufferHandling
TIDY := $(TIDY),-clang-analyzer-$(UNSAFE)

.PHONY: analyze
analyze:
	cppcheck --quiet --enable=warning,style,performance,portability \
	    --inline-suppr --error-exitcode=1 --std=c11 -Iinclude \
	    '-DLIST_FOREACH(v,h,f)=for((v)=(h)->lh_first;v;(v)=(v)->f.le_next)' \
	    --suppress=missingIncludeSystem \
	    --suppress=variableScope $(filter-out ppp/plugin/%,$(ALL_SRC))
	clang-tidy --quiet --warnings-as-errors='*' -checks='$(TIDY)' \
	    $(filter-out ppp/plugin/%,$(ALL_SRC)) -- -std=c11 $(CPPFLAGS)
	scan-build --status-bugs -o build-scan $(MAKE) -B \
	    B=build-scan-obj build-scan-obj/lnsd
	rm -rf build-scan build-scan-obj

.PHONY: coverage
coverage:
	$(MAKE) COV=1 tests
	@sh tests/run.sh build-cov units > /dev/null
	@gcov -n -o build-cov/obj/lnsd/l2tp $(CORE_SRC) 2> /dev/null | \
	    awk '/^File .lnsd/ { f = $$2 } /^Lines/ && f { split($$2, a, ":"); \
	    n = $$4; c += n * a[2] / 100; t += n; printf "%-32s %s of %d\n", \
	    f, a[2], n; f = "" } END { printf "total %.1f%%\n", 100 * c / t }'
