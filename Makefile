# tenk: one Makefile for everything. `make help` lists the targets.
#
# Variables: SANITIZE=address,undefined | thread   another variant, in a folder of its own
#            COVERAGE=1                            the same, of programs that count which lines they run
#            DEVELOPER=1                           warnings are errors
#            V=1                                   show whole commands
#            PREFIX=/usr/local DESTDIR=            for install
#            SLOW=2ms                              `make check` where processes and threads take so much
#                                                  longer to make
#            TENK_ARGS=                            more arguments for `make bench`
#            WITHOUT=coroutines                    leave models out, LIBC_LIBS=-largp for musl (scripts/check-musl)
#            LINK_SEED=N                           link objects in another order, each N in one of its own: the
#                                                  same code at other addresses (B=FOLDER builds elsewhere)

# Who made this, what it is called and its version: CITATION.cff is the one place.
CITED    = $(shell sed -n 's/^[ -]*$(1): *"\{0,1\}\([^"]*\)"\{0,1\}$$/\1/p' CITATION.cff)
VERSION  := $(call CITED,version)
PREFIX   ?= /usr/local
PKG_CONFIG ?= pkg-config
comma    := ,
ifneq ($(and $(COVERAGE),$(SANITIZE)),)
$(error COVERAGE and SANITIZE are builds of their own: ask for one of them)
endif
VARIANT  := $(if $(COVERAGE),coverage,$(if $(SANITIZE),$(subst $(comma),-,$(SANITIZE)),release))
B        := build/$(VARIANT)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wconversion \
            -Wno-sign-conversion -Wno-enum-float-conversion -Wimplicit-fallthrough $(if $(DEVELOPER),-Werror)
# What an optimizer makes of lines cannot be counted by line.
CFLAGS   ?= $(if $(COVERAGE),-O0,-O2) -g
COUNTING := $(if $(COVERAGE),--coverage -fprofile-update=atomic)
ALL_CFLAGS := -std=gnu17 $(CFLAGS) $(WARNINGS) $(COUNTING) $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer)
# What a result says of how its programs were built; where, they do not know.
build_flags = $(strip $(filter-out -ffile-prefix-map=% -fdebug-prefix-map=%,$(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE))))
ALL_CPPFLAGS := -I. -D_GNU_SOURCE -DTENK_VERSION='"$(VERSION)"' -DTENK_BUILD_FLAGS='"$(build_flags)"' $(CPPFLAGS)
ALL_LDFLAGS  := $(LDFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(COUNTING) -pthread

# A sanitized program writes its findings to files, which scripts/run-tests counts.
ifneq ($(SANITIZE),)
INSTRUMENT_OBJECT := $(B)/tests/sanitizers/options.o
$(INSTRUMENT_OBJECT): ALL_CPPFLAGS += -DTENK_FINDINGS='"$(CURDIR)/$(B)/findings/report"'
endif

# One that counts lines writes what it has counted, however it ends, short of being killed.
ifneq ($(COVERAGE),)
INSTRUMENT_OBJECT := $(B)/tests/coverage/exit.o
ALL_LDFLAGS += -Wl,--wrap=_exit
endif

say       = $(if $(V),,@printf '  %-5s %s\n' $(1) $@ &&)
pkg_has   = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo yes)
pkg_cflags = $(shell $(PKG_CONFIG) --cflags $(1) 2>/dev/null | sed 's/-I/-isystem /g')
pkg_version = $(shell $(PKG_CONFIG) --modversion $(1) 2>/dev/null)
pkg_libs  = $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null)

# --- what every part needs ---------------------------------------------------------------------

# llhttp: a library where the distribution has one, else the C sources that Debian ships.
ifeq ($(call pkg_has,libllhttp),yes)
LLHTTP_CFLAGS := $(call pkg_cflags,libllhttp)
LLHTTP_LIBS   := $(call pkg_libs,libllhttp)
LLHTTP_SOURCES :=
else
LLHTTP_DIR    ?= /usr/share/llhttp
LLHTTP_CFLAGS := -isystem /usr/share/include/llhttp
LLHTTP_SOURCES := $(wildcard $(LLHTTP_DIR)/*.c)
LLHTTP_MISSING := $(if $(LLHTTP_SOURCES),,llhttp)
endif

missing := $(LLHTTP_MISSING) $(foreach p,hwloc jansson yaml-0.1 zlib,$(if $(call pkg_has,$(p)),,$(p)))
missing := $(strip $(missing))

# Last in each program: what of C's library is apart; with musl argp is, too (make LIBC_LIBS=-largp).
LIBC_LIBS ?=
C_LIBS    := -lm $(LIBC_LIBS)
TOOL_LIBS := $(call pkg_libs,jansson) $(call pkg_libs,yaml-0.1) $(call pkg_libs,zlib) $(C_LIBS)
TENK_LIBS := $(TOOL_LIBS) $(call pkg_libs,hwloc)

# The load of many machines: Open MPI or MPICH, whichever there is.
MPI := $(firstword $(foreach p,ompi-c mpich,$(if $(call pkg_has,$(p)),$(p))))

# What of the load generator speaks TLS, or says that it does not.
ifeq ($(shell $(PKG_CONFIG) --atleast-version=3 openssl 2>/dev/null && echo yes),yes)
TLS_LIBS     := $(call pkg_libs,openssl)
TLS_LEFT_OUT := loadgen/tls_missing.c
else
TLS_LIBS     :=
TLS_LEFT_OUT := loadgen/tls.c loadgen/tls_socket.c loadgen/tls_stream.c
endif

# Whether the raw trials of a run have a checksum.
ifeq ($(shell $(PKG_CONFIG) --atleast-version=1.1 libcrypto 2>/dev/null && echo yes),yes)
TOOL_LIBS         += $(call pkg_libs,libcrypto)
TENK_LIBS         += $(call pkg_libs,libcrypto)
CHECKSUM_LEFT_OUT := stored/checksum_missing.c
else
CHECKSUM_LEFT_OUT := stored/checksum.c
endif

# What of the servers speaks to PostgreSQL, or says that it does not. The library itself is loaded when a
# server is to use it (servers/core/tasks/database/libpq.h); pipeline mode came with its version 14.
database = $(addprefix servers/core/tasks/,$(addsuffix .c,$(1)))
ifeq ($(shell $(PKG_CONFIG) --atleast-version=14 libpq 2>/dev/null && echo yes),yes)
DATABASE_LEFT_OUT := $(call database,database/database_missing)
LIBPQ_CFLAGS      := -DTENK_DATABASE $(call pkg_cflags,libpq)
else
DATABASE_LEFT_OUT := $(call database,$(addprefix database/,database_connection database_loop database_settings database_threads libpq) kinds/query)
endif

# --- models: one file, one executable; PKG_name (with _ for -) is the library it needs ---------
# Of a library that brings nothing for pkg-config, HEADER_name is looked for and LIBS_name linked.

PKG_io_uring      := liburing
PKG_libuv         := libuv
PKG_libevent      := libevent_core
PKG_libmicrohttpd := libmicrohttpd
HEADER_libev      := ev.h
LIBS_libev        := -lev

model_files := $(wildcard servers/models/*.c)
model_names := $(filter-out $(WITHOUT),$(patsubst servers/models/%.c,%,$(model_files)))
has_header   = $(shell $(CC) $(ALL_CPPFLAGS) -E -x c -include $(1) /dev/null >/dev/null 2>&1 && echo yes)
has_library  = $(if $(PKG_$(1)),$(call pkg_has,$(PKG_$(1))),$(if $(HEADER_$(1)),$(call has_header,$(HEADER_$(1))),yes))
library_of   = $(or $(PKG_$(1)),$(1))
models      := $(foreach m,$(model_names),$(if $(call has_library,$(m)),$(m)))
skipped     := $(filter-out $(models),$(model_names))
test_models := $(patsubst tests/models/%.c,%,$(wildcard tests/models/*.c))
test_programs := $(patsubst tests/programs/%.c,%,$(wildcard tests/programs/*.c))
dash         = $(subst _,-,$(1))

MODEL_SERVERS := $(foreach m,$(models),$(B)/server-$(call dash,$(m)))
TEST_SERVERS  := $(foreach m,$(test_models),$(B)/tests/server-$(call dash,$(m)))
# Every model once more, with other kinds of tasks, which ask its loop what it is to lend.
WATCHED_SERVERS := $(foreach m,$(models),$(B)/tests/watched/server-$(call dash,$(m)))
TEST_PROGRAMS := $(foreach p,$(test_programs),$(B)/tests/$(call dash,$(p)))
# Programs that observe themselves: one file, one executable; those named uv_ are of libuv. Scripts are run as they are.
observed_names := $(patsubst servers/observed/%.c,%,$(wildcard servers/observed/*.c))
observed       := $(if $(call pkg_has,libuv),$(observed_names),$(filter-out uv_%,$(observed_names)))
skipped_observed := $(filter-out $(observed),$(observed_names))
OBSERVED_PROGRAMS := $(foreach o,$(observed),$(B)/observe-$(call dash,$(o)))
PROGRAMS      := $(MODEL_SERVERS) $(OBSERVED_PROGRAMS) $(B)/tenk-load $(B)/tenk $(if $(MPI),$(B)/tenk-load-mpi)

# --- objects ------------------------------------------------------------------------------------

objects       = $(patsubst %.c,$(B)/%.o,$(1))
model_objects = $(call objects,$(2)/$(1).c $(wildcard $(2)/$(1)/*.c))

LIB_OBJECTS     := $(call objects,$(wildcard lib/*.c lib/*/*.c))
WATCHED_OBJECTS := $(call objects,$(wildcard tests/watched/*.c))
CORE_OBJECTS    := $(call objects,$(filter-out servers/core/server/main.c $(DATABASE_LEFT_OUT),$(wildcard servers/core/*/*.c servers/core/*/*/*.c))) \
                   $(patsubst $(LLHTTP_DIR)/%.c,$(B)/llhttp/%.o,$(LLHTTP_SOURCES))
LOAD_OBJECTS    := $(call objects,$(filter-out loadgen/main.c $(TLS_LEFT_OUT),$(wildcard loadgen/*.c)))
HARNESS_OBJECTS := $(call objects,$(filter-out harness/command/main.c,$(wildcard harness/*/*.c)))
REPORT_OBJECTS  := $(call objects,$(wildcard report/*.c report/*/*.c))
STORED_OBJECTS  := $(call objects,$(filter-out $(CHECKSUM_LEFT_OUT),$(wildcard stored/*.c stored/*/*.c)))
FUZZ_OBJECTS    := $(call objects,tests/fuzz/http_core.c tests/fuzz/environment.c)
UNIT_TESTS      := $(patsubst tests/unit/%_test.c,$(B)/tests/unit/%,$(wildcard tests/unit/*_test.c))

# The fuzz target decides about time and memory; what else is linked with it does not notice.
FUZZ_LDFLAGS := $(addprefix -Wl$(comma)--wrap=,clock_gettime clock_nanosleep malloc calloc realloc)
$(B)/tests/unit/http_core_corpus: ALL_LDFLAGS += $(FUZZ_LDFLAGS)
$(B)/tests/unit/http_core_corpus: $(FUZZ_OBJECTS)

$(B)/report/citation.o $(B)/tests/unit/citation_test.o: ALL_CPPFLAGS += -DCITED_AUTHORS='"$(call CITED,name)"' -DCITED_TITLE='"$(call CITED,title)"'
$(B)/report/citation.o $(B)/tests/unit/citation_test.o: CITATION.cff

# That of files stands in for a machine without memory, that of memory groups for the kernel that makes and removes them.
$(B)/tests/unit/http_core_file: ALL_LDFLAGS += -Wl,--wrap=task_tools_take
$(B)/tests/unit/memory_group: ALL_LDFLAGS += $(addprefix -Wl$(comma)--wrap=,mkdir rmdir memory_group_write)

$(call objects,$(call database,database/database_connection database/database_settings database/libpq kinds)): ALL_CPPFLAGS += $(LIBPQ_CFLAGS)

# What one model alone uses is tested where it lies.
$(B)/tests/unit/coroutine: $(call objects,$(wildcard servers/models/coroutines/*.c))
$(B)/tests/unit/counted: $(call objects,loadgen/mpi/counted.c)
$(B)/tests/unit/records: $(call objects,servers/models/io_uring/records.c)
$(B)/tests/unit/task_handover: $(call objects,servers/models/libmicrohttpd/task_handover.c)

# Criterion cannot start a test under ThreadSanitizer: a small stand-in takes its place there.
ifeq ($(SANITIZE),thread)
UNIT_FRAMEWORK  := $(B)/tests/sanitizers/thread/runner.o
$(B)/tests/%.o: ALL_CPPFLAGS += -Itests/sanitizers/thread
else
UNIT_FRAMEWORK  := $(if $(SANITIZE),$(B)/tests/sanitizers/criterion.o)
UNIT_LIBS       := -lcriterion
endif

.DEFAULT_GOAL := all
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:

.PHONY: help
help: ## list these targets
	@printf 'tenk %s: what threads cost, and what event loops cost.\n\n' '$(VERSION)'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-27s %s\n",$$1,$$2}'
	@printf '\nVariables: SANITIZE=address,undefined or thread, COVERAGE=1, DEVELOPER=1, SLOW=2ms, PREFIX=, DESTDIR=, TENK_ARGS=\n'

.PHONY: all
all: ## build everything into build/release
ifneq ($(missing),)
all:
	@echo "cannot build: missing $(missing). Run scripts/install-deps (or see it for the packages' names)." >&2; exit 1
else
# What had to be left out is said here, and kept for `tenk`, which leaves it out of scenarios.
all: $(PROGRAMS)
ifneq ($(skipped)$(skipped_observed),)
	@rm -f $(B)/skipped-models
	@$(foreach m,$(skipped),echo "skipped server-$(call dash,$(m)): its library $(call library_of,$(m)) is not installed (scripts/install-deps installs it)" >&2; \
		echo "$(call dash,$(m)) its library $(call library_of,$(m)) is not installed" >>$(B)/skipped-models;)
	@$(foreach o,$(skipped_observed),echo "$(call dash,$(o)) libuv was not installed when tenk was built" >>$(B)/skipped-models;)
else ifneq ($(wildcard $(B)/skipped-models),)
	@rm $(B)/skipped-models
endif
ifeq ($(MPI),)
	@echo "skipped tenk-load-mpi, which loads from many machines: MPI is not installed (scripts/install-deps --with mpi installs it)" >&2
endif
endif

# From the top floor down: a call upwards finds no one to answer it.
TENK_LIBRARIES := $(addprefix $(B)/,libharness.a libreport.a libstored.a)

$(B)/libtenk.a: $(LIB_OBJECTS)
$(B)/libcore.a: $(CORE_OBJECTS)
$(B)/libload.a: $(LOAD_OBJECTS)
$(B)/libharness.a: $(HARNESS_OBJECTS)
$(B)/libreport.a: $(REPORT_OBJECTS)
$(B)/libstored.a: $(STORED_OBJECTS)
$(B)/%.a: $(B)/link-order
	@rm -f $@
	$(call say,AR) $(AR) rcs $@ $(call in_order,$(filter %.o,$^))

# By a hash of seed and name; without a seed as they come.
in_order = $(if $(LINK_SEED),`for o in $(1); do echo "$(LINK_SEED) $$o" | md5sum | sed "s|-$$|$$o|"; done | sort | sed 's/.* //'`,$(1))

# The model's file, and those of a folder of its name if it has one.
define server_rule
$(B)/$(2)server-$(call dash,$(1)): $(call model_objects,$(1),$(3)) $(4) $(B)/servers/core/server/main.o $(INSTRUMENT_OBJECT) $(B)/libcore.a $(B)/libtenk.a
	@mkdir -p $$(@D)
	$$(call say,LINK) $$(CC) $$(ALL_LDFLAGS) -o $$@ $$(call in_order,$$(filter %.o,$$^)) $$(filter %.a,$$^) $(LLHTTP_LIBS) $(if $(PKG_$(1)),$(call pkg_libs,$(PKG_$(1)))) $(LIBS_$(1)) $(C_LIBS)
$(call model_objects,$(1),$(3)): MODEL_CFLAGS := $(if $(PKG_$(1)),$(call pkg_cflags,$(PKG_$(1))) -DTENK_LIBRARY='"$(PKG_$(1)) $(call pkg_version,$(PKG_$(1)))"')
endef
$(foreach m,$(models),$(eval $(call server_rule,$(m),,servers/models)))
$(foreach m,$(test_models),$(eval $(call server_rule,$(m),tests/,tests/models)))
$(foreach m,$(models),$(eval $(call server_rule,$(m),tests/watched/,servers/models,$(WATCHED_OBJECTS))))

define observed_rule
$(B)/observe-$(call dash,$(1)): $(B)/servers/observed/$(1).o $(B)/servers/observed/shared/observed.o $(INSTRUMENT_OBJECT) $(B)/libtenk.a
	$$(call say,LINK) $$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $(if $(filter uv_%,$(1)),$(call pkg_libs,libuv)) $(call pkg_libs,jansson) $(C_LIBS)
$(B)/servers/observed/$(1).o: MODEL_CFLAGS := $(if $(filter uv_%,$(1)),$(call pkg_cflags,libuv))
endef
$(foreach o,$(observed),$(eval $(call observed_rule,$(o))))

define test_program_rule
$(B)/tests/$(call dash,$(1)): $(B)/tests/programs/$(1).o $(INSTRUMENT_OBJECT) $(B)/libreport.a $(B)/libstored.a $(B)/libtenk.a
	$$(call say,LINK) $$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(TOOL_LIBS)
endef
$(foreach p,$(test_programs),$(eval $(call test_program_rule,$(p))))

$(B)/tenk-load: $(B)/loadgen/main.o $(INSTRUMENT_OBJECT) $(B)/libload.a $(B)/libtenk.a
	$(call say,LINK) $(CC) $(ALL_LDFLAGS) -o $@ $^ $(TOOL_LIBS) $(TLS_LIBS)

# The same program, with another file for ranks.h.
MPI_OBJECTS := $(call objects,$(wildcard loadgen/mpi/*.c))
$(MPI_OBJECTS): MODEL_CFLAGS := $(call pkg_cflags,$(MPI))
$(B)/tenk-load-mpi: $(B)/loadgen/main.o $(MPI_OBJECTS) $(INSTRUMENT_OBJECT) $(B)/libload.a $(B)/libtenk.a
	$(call say,LINK) $(CC) $(ALL_LDFLAGS) -o $@ $^ $(TOOL_LIBS) $(TLS_LIBS) $(call pkg_libs,$(MPI))

# Whatever a floor calls is found on it or below: all of it links without what is above.
define floor_rule
$(B)/floors/$(1): $(B)/lib$(1).a $(2) $(B)/libtenk.a $(INSTRUMENT_OBJECT)
	@mkdir -p $$(@D)
	$$(call say,LINK) echo 'int main(void) { return 0; }' | $$(CC) $$(ALL_LDFLAGS) -o $$@ -x c - -x none \
		-Wl,--whole-archive $$< -Wl,--no-whole-archive $(2) $(INSTRUMENT_OBJECT) $(B)/libtenk.a $$(TOOL_LIBS)
endef
$(eval $(call floor_rule,stored,))
$(eval $(call floor_rule,report,$(B)/libstored.a))

$(B)/tenk: $(B)/harness/command/main.o $(INSTRUMENT_OBJECT) $(TENK_LIBRARIES) $(B)/libtenk.a | $(B)/floors/stored $(B)/floors/report
	$(call say,LINK) $(CC) $(ALL_LDFLAGS) -o $@ $^ $(TENK_LIBS)

$(B)/tests/unit/%: $(B)/tests/unit/%_test.o $(UNIT_FRAMEWORK) $(INSTRUMENT_OBJECT) $(TENK_LIBRARIES) $(B)/libload.a $(B)/libcore.a $(B)/libtenk.a
	@mkdir -p $(@D)
	$(call say,LINK) $(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LLHTTP_LIBS) $(TENK_LIBS) $(TLS_LIBS) $(UNIT_LIBS)

# FUZZ_DRIVER is -fsanitize=fuzzer in libFuzzer's build (scripts/fuzz).
FUZZ_DRIVER := $(B)/tests/fuzz/standalone.o
$(B)/tests/fuzz/http-core: $(FUZZ_OBJECTS) $(filter %.o,$(FUZZ_DRIVER)) $(B)/libcore.a $(B)/libtenk.a
	@mkdir -p $(@D)
	$(call say,LINK) $(CC) $(ALL_LDFLAGS) $(FUZZ_LDFLAGS) $(filter -%,$(FUZZ_DRIVER)) -o $@ $^ $(LLHTTP_LIBS) $(C_LIBS)

# Loaded before all others by tests.
PRELOADED := $(addprefix $(B)/tests/,faults.so slow.so clock.so world-clock.so)
$(B)/tests/faults.so: tests/faults/faults.c tests/faults/faults.h
$(B)/tests/slow.so: tests/faults/slow.c
$(B)/tests/clock.so: tests/deadlines/clock.c
$(B)/tests/world-clock.so: tests/faults/world_clock.c
$(PRELOADED): $(B)/flags
	@mkdir -p $(@D)
	$(call say,LINK) $(CC) -std=gnu17 $(CFLAGS) $(WARNINGS) $(ALL_CPPFLAGS) -fPIC -shared -o $@ $(filter %.c,$^)

# The commit is told by tenk --version, and only what is linked into tenk alone depends on it.
commit := $(if $(wildcard .git),$(shell git describe --always --abbrev=12 --exclude='*' --dirty 2>/dev/null))
$(B)/harness/command/main.o: ALL_CPPFLAGS += -DTENK_COMMIT='"$(commit)"'
$(B)/harness/command/main.o: $(B)/commit
# What objects are made with; written anew when it has changed, so that then all are.
flags := $(CC) $(ALL_CFLAGS) $(ALL_CPPFLAGS) $(LLHTTP_CFLAGS) $(ALL_LDFLAGS) $(TLS_LIBS) $(DATABASE_LEFT_OUT) $(CHECKSUM_LEFT_OUT)
quoted = '$(subst ','\'',$(1))'
.PHONY: always
$(B)/flags: written = $(flags)
$(B)/link-order: written = $(LINK_SEED)
$(B)/commit: written = $(commit)
$(B)/flags $(B)/link-order $(B)/commit: always
	@mkdir -p $(@D)
	@printf '%s\n' $(call quoted,$(written)) | cmp -s - $@ || printf '%s\n' $(call quoted,$(written)) >$@

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC) $(CC) $(ALL_CFLAGS) $(ALL_CPPFLAGS) $(LLHTTP_CFLAGS) $(MODEL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/llhttp/%.o: $(LLHTTP_DIR)/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC) $(CC) -std=gnu17 $(CFLAGS) $(CPPFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE)) -w -DLLHTTP_STRICT_MODE=1 $(LLHTTP_CFLAGS) -c -o $@ $<

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- what people type ---------------------------------------------------------------------------
# Packages may only just have been installed, so what follows is read again by a second make.

.PHONY: bench
bench: ## install what is missing, build, run the quick scenario, write the report
	@scripts/install-deps bench
	@$(MAKE) --no-print-directory $(many) all
	@BUILD=$(B) scripts/bench-quick $(TENK_ARGS)

# Builds on all processors unless make was told how many.
many  = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: check
check: ## install what is missing, build, run the tests of about 7 minutes (SANITIZE= for sanitized builds)
	@scripts/install-deps check
	@$(MAKE) --no-print-directory $(many) test-programs
	@$(MAKE) --no-print-directory test

.PHONY: check-long
check-long: ## the same with the tests that take longer, up to 20 minutes (tests/long)
	@scripts/install-deps check
	@$(MAKE) --no-print-directory $(many) test-programs
	@$(MAKE) --no-print-directory test-long

.PHONY: test-programs
test-programs: all $(UNIT_TESTS) $(TEST_SERVERS) $(WATCHED_SERVERS) $(TEST_PROGRAMS) $(PRELOADED)

.PHONY: test
test: test-programs
	@BUILD=$(B) SLOW=$(SLOW) scripts/run-tests

.PHONY: test-long
test-long: test-programs
	@BUILD=$(B) SLOW=$(SLOW) scripts/run-tests --long

.PHONY: test-unit
test-unit: $(UNIT_TESTS)
	@BUILD=$(B) scripts/run-tests unit

.PHONY: check-installed
check-installed: ## run the command-line tests on an installed copy, by an ordinary user outside of the source
	@scripts/install-deps check
	@$(MAKE) --no-print-directory $(many) test-programs manual
	@BUILD=$(B) scripts/check-installed

.PHONY: coverage
coverage: ## which lines no test runs; fails below 90 % of lib, stored or loadgen (scripts/coverage; 15 minutes)
	@scripts/install-deps coverage
	@$(MAKE) --no-print-directory $(many) COVERAGE=1 test-programs
	@scripts/coverage

.PHONY: check-hosts
check-hosts: ## test the load from many machines, which namespaces of this one stand for (needs root)
	@scripts/install-deps hosts
	@$(MAKE) --no-print-directory $(many) test-programs
	@BUILD=$(B) scripts/check-hosts

.PHONY: check-compilers
check-compilers: ## build with gcc 12 to 14 and clang 14 to 19, as far as there are, warnings being errors
	@scripts/check-compilers

.PHONY: check-musl
check-musl: ## build with musl instead of glibc, and try the servers and a run
	@scripts/check-musl

.PHONY: check-distributions
check-distributions: ## make check and make bench in fresh systems, Debian 12 and 13, then aarch64 (needs root; hours)
	@scripts/check-distributions
	@scripts/check-distributions --aarch64

.PHONY: check-aarch64
check-aarch64: ## build for aarch64, run the unit tests and a short run there, with QEMU (needs root; an hour or two)
	@scripts/check-distributions --aarch64

.PHONY: check-deb
check-deb: ## build, install, try and remove the Debian packages in fresh systems, Debian 12 and 13 (needs root)
	@scripts/check-distributions --packages

.PHONY: reference
reference: $(filter all,$(MAKECMDGOALS)) ## install and build the servers of other people (servers/reference), and tell what cannot be had
	@scripts/install-deps reference
	@$(MAKE) --no-print-directory $(many) all
	@BUILD=$(B) scripts/install-reference

.PHONY: conformance
conformance: all ## write results/reference/conformance.md: all servers and the reference servers before the suite
	@$(B)/tenk check --servers models,variants,reference --json >$(B)/conformance.json || { \
		echo "some rows failed: see $(B)/conformance.json, or tenk check --servers models,variants,reference" >&2; exit 1; }
	@scripts/conformance <$(B)/conformance.json >$(B)/conformance.md
	@cp $(B)/conformance.md results/reference/conformance.md

.PHONY: bench-loadgen
bench-loadgen: all $(TEST_PROGRAMS) ## compare tenk-load with wrk on the same server (interleaved pairs)
	@BUILD=$(B) scripts/bench-loadgen

.PHONY: gate
gate: all ## is what lies here slower than BASE=REV? (SERVERS=a,b instead of epoll; up to 10 minutes)
	@BUILD=$(B) scripts/gate "$(BASE)" gate --servers $(or $(SERVERS),epoll) $(TENK_ARGS)

.PHONY: bench-slices
bench-slices: all ## show how well CPU per request is known, with slices and without (an hour; TENK_ARGS="--runs 1")
	@BUILD=$(B) scripts/bench-slices $(TENK_ARGS)

# The same servers, of objects in another order, in folders whose names differ in length.
noise_builds := build/noise/a build/noise/the-same-servers-linked-in-another-order
noise_servers = $(subst $(comma), ,$(or $(SERVERS),epoll))

.PHONY: noise
noise: all ## how different does a server seem from itself here? The gate is no tighter (SERVERS=a,b)
	@for b in $(noise_builds); do \
		$(MAKE) --no-print-directory $(many) B=$$b LINK_SEED=$${#b} $(foreach s,$(noise_servers),$$b/server-$(s)) || exit 1; \
	done
	@$(B)/tenk compare --aa gate --servers $(or $(SERVERS),epoll) --base-build $(word 1,$(noise_builds)) \
		--head-build $(word 2,$(noise_builds)) $(TENK_ARGS)

.PHONY: bench-million
bench-million: all ## hold a million connections, or CONNECTIONS=N, as far as this machine can
	@BUILD=$(B) scripts/bench-million $(CONNECTIONS) $(if $(TENK_ARGS),-- $(TENK_ARGS))

.PHONY: bench-full
bench-full: all ## run every scenario as one run (five to eight hours; goes on where it was; FRESH=1 begins anew)
	@BUILD=$(B) scripts/bench-full $(TENK_ARGS)

.PHONY: prove-gate
prove-gate: all ## find out how often the gate is wrong on this machine (many hours; goes on where it was)
	@BUILD=$(B) scripts/prove-gate $(TENK_ARGS)

.PHONY: fuzz
fuzz: ## fuzz the HTTP core for FUZZ_SECONDS=60 with AFL++ and libFuzzer
	@scripts/install-deps fuzz
	@scripts/fuzz $(or $(FUZZ_SECONDS),60)

.PHONY: soak
soak: all ## send a hostile crowd against each server for SOAK_SECONDS=20 (SERVERS=a,b: these only)
	@scripts/install-deps check
	@tests/soak/soak.py $(B) --seconds $(or $(SOAK_SECONDS),20) $(subst $(comma), ,$(SERVERS))

.PHONY: map
map: ## draw docs/architecture.svg, the rooms of the source tree, from the includes
	@scripts/map

.PHONY: documents
documents: all ## write into README.md and docs/ what the published runs say
	@BUILD=$(B) scripts/documents

.PHONY: reference-check
reference-check: all ## do README, docs and published reports say what the trials of results/reference say?
	@BUILD=$(B) scripts/reference-check

.PHONY: lint
lint: ## mistakes of C, scripts, YAML, links and spelling (scripts/lint; minutes the first time)
	@scripts/install-deps lint
	@scripts/lint

# Documents lie to each other as in the source, so that their links lead somewhere; published runs without
# what only their charts came from.
I_DOC  = $(DESTDIR)$(PREFIX)/share/doc/tenk
I_TENK = $(DESTDIR)$(PREFIX)/share/tenk
published = results/reference

.PHONY: install
install: all manual ## copy programs, scenarios, the report's resources, documents, manual and completions to PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/tenk $(I_TENK)/scenarios \
		$(I_TENK)/report/charts $(I_TENK)/observed/shared $(I_TENK)/published $(I_DOC)/docs $(I_DOC)/results/schema
	install $(B)/tenk $(B)/tenk-load $(if $(MPI),$(B)/tenk-load-mpi) $(DESTDIR)$(PREFIX)/bin
	install $(MODEL_SERVERS) $(OBSERVED_PROGRAMS) $(DESTDIR)$(PREFIX)/libexec/tenk
	rm -f $(DESTDIR)$(PREFIX)/libexec/tenk/skipped-models
	if [ -e $(B)/skipped-models ]; then install -m 644 $(B)/skipped-models $(DESTDIR)$(PREFIX)/libexec/tenk; fi
	install -m 644 servers/observed/*.js $(I_TENK)/observed
	install -m 644 servers/observed/shared/*.js $(I_TENK)/observed/shared
	install -m 644 scenarios/*.yaml $(I_TENK)/scenarios
	install -m 644 report/template.html report/style.css report/script.js $(I_TENK)/report
	install -m 644 report/charts/*.gp $(I_TENK)/report/charts
	for folder in servers/reference/*/; do \
		install -d $(I_TENK)/reference/$$(basename $$folder) || exit 1; \
		find $$folder -maxdepth 1 -type f -exec cp -t $(I_TENK)/reference/$$(basename $$folder) {} + || exit 1; \
	done
	chmod -R u=rwX,go=rX $(I_TENK)/reference
	(cd $(published) && find . -type f -print0) | \
		xargs -0 -n 1 sh -c 'install -D -m 644 "$(published)/$$1" "$(I_TENK)/published/$$1"' install
	install -m 644 README.md CHANGELOG.md CONTRIBUTING.md LICENSE CITATION.cff $(I_DOC)
	install -m 644 docs/*.md docs/*.svg $(I_DOC)/docs
	install -m 644 results/SCHEMA.md $(I_DOC)/results
	install -m 644 results/schema/*.json $(I_DOC)/results/schema
	ln -sfn ../../../tenk/published $(I_DOC)/results/reference
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 644 completions/tenk.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tenk
	ln -sf tenk $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tenk-load
	install -m 644 completions/_tenk $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	install -m 644 completions/tenk.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	ln -sf tenk.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/tenk-load.fish
	if [ -d $(B)/man ]; then for section in 1 5 7; do \
		install -d $(DESTDIR)$(PREFIX)/share/man/man$$section && \
		install -m 644 $(B)/man/man$$section/* $(DESTDIR)$(PREFIX)/share/man/man$$section || exit 1; \
	done; fi

.PHONY: manual
manual: all ## write the manual's pages into build/man
	@BUILD=$(B) scripts/manual $(B)/man

.PHONY: dist
dist: ## make tenk-VERSION.tar.gz of what is committed, the same bytes whenever it is made
	@git archive --format=tar --prefix=tenk-$(VERSION)/ HEAD | gzip -9n >tenk-$(VERSION).tar.gz
	@sha256sum tenk-$(VERSION).tar.gz

.PHONY: deb
deb: ## make Debian packages of what is committed, in build/deb (TWICE=1: twice, and whether they are the same)
	@scripts/install-deps deb
	@scripts/deb $(VERSION) $(if $(TWICE),--twice)

.PHONY: clean
clean: ## remove build/
	rm -rf build
