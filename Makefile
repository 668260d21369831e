# The one build file of kmsg. `make help` lists the targets.
#
# It is not recursive, with two exceptions: `test` and `demo` first install what is missing and then
# call make again, so that what has just been installed is found; and builds with other flags
# (asan, ubsan, tsan, fuzz) call make again with another output folder B.
#
# Nothing is registered here: sources, tests, schemas, examples and fuzz targets are found by their
# place and name. All output goes to $(B)/:
#   bin/ lib/   what is installed          gen/   what bison, flex and kmsgc made, by source path
#   obj/        objects, by source path    test/ fuzz/ bench/ examples/   programs
#
# Variables for the command line: CC, CFLAGS, WERROR= (warnings do not stop), V=1 (show commands),
# T=name (tests), SEED=n ROUNDS=n SCHEMAS=n (random schemas), F=name S=seconds (fuzz), S=suite (bench),
# PREFIX, DESTDIR, LIBDIR.

B       ?= build
VERSION := 0.1.0
SOMAJOR := 0

ifeq ($(origin CC),default)
CC := gcc
endif
CXX    ?= g++
AR     ?= ar
WERROR := -Werror
CFLAGS ?= -O2 -g

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
        $(WERROR)
ALL_CFLAGS := -std=c11 $(CFLAGS) $(WARN) -fPIC -fvisibility=hidden -fno-semantic-interposition \
              -pthread $(SAN)
CPPFLAGS_ALL := -Iruntime/include -I$(B)/gen/include -Iruntime -I. $(CPPFLAGS)

# What libkmsg stands on, and libkmsg-json. Looked up when first used, not while this file is read:
# `make deps` may install it in between.
SYS_PACKAGES  := libuv libsodium
JSON_PACKAGES := jansson

lazy        = $(eval $(1) := $(shell $(2)))$($(1))
SYS_CFLAGS  = $(call lazy,SYS_CFLAGS,pkg-config --cflags $(SYS_PACKAGES))
SYS_LIBS    = $(call lazy,SYS_LIBS,pkg-config --libs $(SYS_PACKAGES))
JSON_CFLAGS = $(call lazy,JSON_CFLAGS,pkg-config --cflags $(JSON_PACKAGES))
JSON_LIBS   = $(call lazy,JSON_LIBS,pkg-config --libs $(JSON_PACKAGES))
TEST_CFLAGS = $(call lazy,TEST_CFLAGS,pkg-config --cflags cmocka)
TEST_LIBS   = $(call lazy,TEST_LIBS,pkg-config --libs cmocka)

V ?= 0
ifeq ($(V),0)
say = @printf '  %-5s %s\n' '$(1)' '$(2)';
endif

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
.PHONY: all deps deps-bench demo demo-now test test-now test-programs sim insn-baseline bench \
        asan ubsan tsan valgrind test-foreign foreign-s390x foreign-i386 foreign-now \
        fuzz golden fmt tidy clean install uninstall help

all: ## build kmsgc and the libraries (the default)

# $(call stamp,NAME,TEXT) is a file whose time is when TEXT last changed; what is made with TEXT
# depends on it. Written while this file is read, so that `make -q` stays true to its word.
same  = $(and $(findstring |$(1)|,|$(2)|),$(findstring |$(2)|,|$(1)|))
stamp = $(if $(call same,$(file <$(B)/stamp/$(1)),$(strip $(2))),,$(shell mkdir -p \
        $(B)/stamp)$(file >$(B)/stamp/$(1),$(strip $(2))))$(B)/stamp/$(1)

FLAGS := $(call stamp,flags,$(CC) $(ALL_CFLAGS) $(CPPFLAGS_ALL) $(LDFLAGS))

# ---- objects ---------------------------------------------------------------------------------------

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
gen = $(patsubst $(B)/gen/%.c,$(B)/obj/gen/%.o,$(1))

compile = $(call say,CC,$<)mkdir -p $(@D) && $(CC) $(CPPFLAGS_ALL) $(EXTRA_CPPFLAGS) $(ALL_CFLAGS) \
          $(EXTRA_CFLAGS) -MMD -MP -c -o $@ $<
archive = $(call say,AR,$@)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(B)/obj/%.o: %.c $(FLAGS)
	$(compile)

$(B)/obj/gen/%.o: $(B)/gen/%.c $(FLAGS)
	$(compile)

# ---- the libraries ---------------------------------------------------------------------------------

CODEC_SRC := $(wildcard runtime/base/*.c runtime/codec/*.c)
KMSG_SRC  := $(CODEC_SRC) $(wildcard runtime/sys/*.c runtime/wire/*.c runtime/crypto/*.c \
             runtime/net/*.c runtime/core/*.c runtime/directory/*.c runtime/names/*.c runtime/topics/*.c)
JSON_SRC  := $(wildcard runtime/json/*.c)
HEADERS   := $(wildcard runtime/include/kmsg/*.h)

# The schemas of kmsg itself: made into C that is a part of libkmsg, and into <kmsg/X.kmsg.h>.
SHIPPED   := $(wildcard idl/schemas/*.kmsg)
SHIPPED_C := $(SHIPPED:idl/schemas/%=$(B)/gen/include/kmsg/%.c)
SHIPPED_H := $(SHIPPED_C:.c=.h)

LIB_NAMES := libkmsg-codec libkmsg libkmsg-json libkmsg-schema
STATIC    := $(LIB_NAMES:%=$(B)/lib/%.a)
SHARED    := $(LIB_NAMES:%=$(B)/lib/%.so)
LIBS      := $(STATIC) $(SHARED)

$(B)/obj/runtime/sys/%.o $(B)/obj/runtime/crypto/%.o: private EXTRA_CPPFLAGS = $(SYS_CFLAGS)
$(B)/obj/runtime/json/%.o: private EXTRA_CPPFLAGS = $(JSON_CFLAGS)

$(B)/lib/libkmsg-codec.a: $(call obj,$(CODEC_SRC)) $(call stamp,codec,$(CODEC_SRC))
	$(archive)

$(B)/lib/libkmsg.a: $(call obj,$(KMSG_SRC)) $(call gen,$(SHIPPED_C)) \
    $(call stamp,kmsg,$(KMSG_SRC) $(SHIPPED))
	$(archive)

$(B)/lib/libkmsg-json.a: $(call obj,$(JSON_SRC)) $(call stamp,json,$(JSON_SRC))
	$(archive)

# With the name that the dynamic linker looks for beside it.
share = $(call say,LD,$@)mkdir -p $(@D) && $(CC) -shared -Wl,-soname,$(@F).$(SOMAJOR) $(ALL_CFLAGS) \
        $(LDFLAGS) -o $@ $(filter %.o,$^) $(1) && ln -sf $(@F) $@.$(SOMAJOR)

$(B)/lib/libkmsg-codec.so: $(call obj,$(CODEC_SRC)) $(B)/stamp/codec
	$(call share)

$(B)/lib/libkmsg.so: $(call obj,$(KMSG_SRC)) $(call gen,$(SHIPPED_C)) $(B)/stamp/kmsg
	$(call share,$(SYS_LIBS))

# It takes the codec from libkmsg or from libkmsg-codec, whichever the program has.
$(B)/lib/libkmsg-json.so: $(call obj,$(JSON_SRC)) $(B)/stamp/json
	$(call share,$(JSON_LIBS))

# ---- the front end and kmsgc -----------------------------------------------------------------------

IDL_SRC      := $(wildcard idl/*.c)
IDL_GEN      := $(patsubst %.y,$(B)/gen/%.c,$(wildcard idl/parse.y)) \
                $(patsubst %.l,$(B)/gen/%.c,$(wildcard idl/lex.l)) $(B)/gen/idl/shipped.c
IDL_OBJ      := $(call obj,$(IDL_SRC)) $(call gen,$(IDL_GEN))
COMPILER_SRC := $(filter-out compiler/main.c,$(wildcard compiler/*.c))
KMSGC        := $(if $(wildcard compiler/main.c),$(B)/bin/kmsgc)
KMSGC_HOST   ?= $(B)/bin/kmsgc

$(B)/gen/idl/parse.c $(B)/gen/idl/parse.h &: idl/parse.y
	$(call say,BISON,$<)mkdir -p $(@D) && bison -Wall -Wcounterexamples -Werror \
	    --header=$(B)/gen/idl/parse.h -o $(B)/gen/idl/parse.c $<

$(B)/gen/idl/lex.c: idl/lex.l
	$(call say,FLEX,$<)mkdir -p $(@D) && flex --header-file=$(B)/gen/idl/lex.h -o $@ $<

# The schemas of kmsg itself as text, so that an import of them is found wherever kmsg is.
$(B)/gen/idl/shipped.c: $(SHIPPED) $(call stamp,shipped,$(SHIPPED))
	$(call say,TEXT,$@)mkdir -p $(@D) && { \
	    echo '#include "idl/shipped.h"'; \
	    for s in $(SHIPPED); do n=$$(basename $$s .kmsg); \
	        echo "static const unsigned char $$n[] = {"; \
	        od -An -v -tu1 $$s | sed 's/[0-9][0-9]*/&,/g'; echo '};'; done; \
	    echo 'const idl_shipped idl_shipped_all[] = {'; \
	    for s in $(SHIPPED); do n=$$(basename $$s .kmsg); \
	        echo "    {\"$$n.kmsg\", $$n, sizeof $$n},"; done; \
	    echo '    {NULL, NULL, 0}};'; } > $@

$(IDL_OBJ): private EXTRA_CPPFLAGS = -I$(B)/gen
$(IDL_OBJ): | $(IDL_GEN)

# Not ours to change: what flex writes does not survive -Wconversion.
$(B)/obj/gen/idl/lex.o: private EXTRA_CFLAGS = -Wno-conversion -Wno-sign-conversion -Wno-sign-compare

$(B)/lib/libidl.a: $(IDL_OBJ) $(call stamp,idl,$(IDL_OBJ))
	$(archive)

$(B)/lib/libkmsgc.a: $(call obj,$(COMPILER_SRC)) $(call stamp,compiler,$(COMPILER_SRC))
	$(archive)

# ---- schemas at run time ---------------------------------------------------------------------------

# The front end is part of it, so that a program needs one library for it. It takes the codec from
# libkmsg or from libkmsg-codec, as libkmsg-json does.
SCHEMA_OBJ := $(call obj,$(wildcard runtime/schema/*.c)) $(IDL_OBJ)

$(B)/lib/libkmsg-schema.a: $(SCHEMA_OBJ) $(call stamp,schema,$(SCHEMA_OBJ))
	$(archive)

$(B)/lib/libkmsg-schema.so: $(SCHEMA_OBJ) $(B)/stamp/schema
	$(call share)

FRONT := $(B)/lib/libkmsgc.a $(B)/lib/libidl.a

link = $(call say,LD,$@)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
       $(filter %.a,$^) $(1)

$(B)/bin/kmsgc: $(call obj,compiler/main.c) $(FRONT) $(B)/lib/libkmsg-codec.a
	$(link)

all: $(LIBS) $(KMSGC) $(B)/bin/kmsg

# ---- the kmsg command ------------------------------------------------------------------------------

$(B)/bin/kmsg: $(call obj,$(wildcard runtime/cli/*.c)) $(B)/lib/libkmsg-schema.a \
    $(B)/lib/libkmsg-json.a $(B)/lib/libkmsg.a
	$(call link,$(JSON_LIBS) $(SYS_LIBS))

# ---- schemas ---------------------------------------------------------------------------------------

# DIR/X.kmsg gives gen/DIR/X.kmsg.h and .c; imports are looked for in DIR. kmsgc leaves a file alone
# whose text would not change; the touch tells make that it has been looked at.
$(B)/gen/%.kmsg.h $(B)/gen/%.kmsg.c: %.kmsg $(KMSGC_HOST) | $(SHIPPED_H)
	$(call say,KMSGC,$<)mkdir -p $(@D) && $(KMSGC_HOST) -I $(<D) -o $(@D) -MD \
	    -MF $(B)/gen/$*.kmsg.d $< && touch $(B)/gen/$*.kmsg.h $(B)/gen/$*.kmsg.c

# Those of kmsg itself. Programs use what is made of them too, from the library.
$(SHIPPED_C) $(SHIPPED_H) &: $(SHIPPED) $(KMSGC_HOST)
	$(call say,KMSGC,$(<D))mkdir -p $(@D) && $(KMSGC_HOST) -o $(@D) $(SHIPPED) && \
	    touch $(SHIPPED_C) $(SHIPPED_H)

$(call gen,$(SHIPPED_C)): private EXTRA_CFLAGS = -fvisibility=default
$(call obj,$(wildcard $(addsuffix /*.c,$(addprefix runtime/,core net wire directory names topics cli)))): | $(SHIPPED_H)

made    = $(patsubst %.kmsg,$(B)/gen/%.kmsg.$(2),$(wildcard $(1)/*.kmsg))
schemas = $(call gen,$(call made,$(1),c))

# ---- examples --------------------------------------------------------------------------------------

# Flags of one target are `private`: make would hand them on to what the target needs, to kmsgc itself.

# examples/X/*.c and *.kmsg are one program, examples/X/X, linked as a user would: by the public
# headers and the library.
# examples/build is about what kmsg looks like once installed: tests/cli/packaging_test.sh makes it.
EXAMPLES      := $(filter-out build,$(patsubst examples/%/,%,$(wildcard examples/*/)))
EXAMPLE_PROGS := $(foreach x,$(EXAMPLES),$(B)/examples/$(x)/$(x))

define example
$(call obj,$(wildcard examples/$(1)/*.c)): private CPPFLAGS_ALL = -Iruntime/include -I$(B)/gen/include -I$(B)/gen/examples/$(1) $(CPPFLAGS)
$(call obj,$(wildcard examples/$(1)/*.c)): | $(call made,examples/$(1),h)
$(call schemas,examples/$(1)): private CPPFLAGS_ALL = -Iruntime/include -I$(B)/gen/include -I$(B)/gen/examples/$(1) $(CPPFLAGS)
$(call schemas,examples/$(1)): | $(call made,examples/$(1),h)
$(B)/examples/$(1)/$(1): $(call obj,$(wildcard examples/$(1)/*.c)) $(call schemas,examples/$(1)) \
    $(B)/lib/libkmsg.a
	$$(call link,$$(SYS_LIBS))
endef
$(foreach x,$(EXAMPLES),$(eval $(call example,$(x))))

demo: ## kmsg at work: examples/packages between threads, processes and hosts
	@.ci/deps build
	@$(MAKE) --no-print-directory demo-now

demo-now: $(EXAMPLE_PROGS) $(B)/bin/kmsg
	@B='$(B)' examples/packages/demo.sh

test-programs: $(EXAMPLE_PROGS)

# ---- tests -----------------------------------------------------------------------------------------

# tests/DIR/X_test.c is a program, linked statically so that it reaches what is not exported, with
# the schemas of its folder and of tests/unit.
TEST_DIRS  := unit fault sim wire prop evolution
TEST_SRC   := $(wildcard $(TEST_DIRS:%=tests/%/*_test.c))
TEST_PROGS := $(TEST_SRC:tests/%.c=$(B)/test/%)
TEST_H     := $(foreach d,$(TEST_DIRS),$(call made,tests/$(d),h))

TEST_HELP  := $(filter-out tests/feed.c,$(wildcard tests/*.c))

$(call obj,$(TEST_SRC) $(TEST_HELP)): private EXTRA_CPPFLAGS = -Itests -I$(B)/gen/$(<D) -I$(B)/gen/tests/unit \
                                     -I$(B)/gen $(TEST_CFLAGS)
$(call obj,$(TEST_SRC)): | $(TEST_H) $(IDL_GEN)

define test-dir
$(B)/test/$(1)/schemas.a: $(call schemas,tests/$(1)) \
    $(call stamp,$(1),of $(1): $(call schemas,tests/$(1)))
	$$(archive)
$(call schemas,tests/$(1)): private EXTRA_CPPFLAGS = -I$(B)/gen/tests/$(1)
$(call schemas,tests/$(1)): | $(call made,tests/$(1),h)
$(B)/test/$(1)/%_test: $(B)/obj/tests/$(1)/%_test.o $(call obj,$(TEST_HELP)) \
    $(sort $(B)/test/$(1)/schemas.a $(B)/test/unit/schemas.a) $(FRONT) $(B)/lib/libkmsg-schema.a \
    $(B)/lib/libkmsg-json.a $(B)/lib/libkmsg.a
	$$(call link,$$(SYS_LIBS) $$(JSON_LIBS) $$(TEST_LIBS))
endef
$(foreach d,$(TEST_DIRS),$(eval $(call test-dir,$(d))))

$(B)/test/fault/memory_test: private override LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
$(B)/test/fault/stamp_test: private override LDFLAGS += -Wl,--wrap=stat,--wrap=fstat,--wrap=clock_gettime
$(B)/test/fault/disk_test: private override LDFLAGS += \
    -Wl,--wrap=mkostemp,--wrap=write,--wrap=fchmod,--wrap=fsync,--wrap=link,--wrap=rename

# The simulator, which a test runs over some seeds and `make sim` over as many as you like.
SIM_SRC := $(filter-out %_test.c tests/sim/main.c,$(wildcard tests/sim/*.c))
SIM     := $(B)/test/sim/sim

$(call obj,$(SIM_SRC) tests/sim/main.c): private EXTRA_CPPFLAGS = -Itests -I$(B)/gen/tests/sim
$(call obj,$(SIM_SRC)): | $(call made,tests/sim,h)
$(B)/test/sim/sim_test $(B)/test/sim/names_test: $(call obj,$(SIM_SRC))
$(SIM): $(call obj,tests/sim/main.c $(SIM_SRC)) $(B)/test/sim/schemas.a $(B)/lib/libkmsg.a
	$(call link,$(SYS_LIBS))

sim: $(SIM) ## the simulator: SEED=7: the trace of that play; SEEDS=90000 FROM=1: so many; PLAY=names: of directories
	@$(if $(SEEDS),nice $(SIM) $(PLAY) $(or $(FROM),1) $(SEEDS),$(SIM) $(PLAY) $(or $(SEED),1))

# The schemas that tests/prop/generated_test.sh makes C of, and what its program is linked with.
WRITE_SCHEMAS := $(B)/test/prop/write_schemas
MADE_TEST     := $(WRITE_SCHEMAS) $(call obj,$(TEST_HELP)) $(B)/lib/libkmsg-schema.a \
                 $(B)/lib/libkmsg.a

$(call obj,tests/prop/write_schemas.c): private EXTRA_CPPFLAGS = -Itests $(TEST_CFLAGS)
$(WRITE_SCHEMAS): $(call obj,tests/prop/write_schemas.c tests/schemas.c tests/random.c)
	$(call link)

# Fuzz targets also run as plain tests over their corpus and regressions, without a fuzzer.
FUZZ_SRC  := $(wildcard tests/fuzz/*.c)
FUZZ      := $(FUZZ_SRC:tests/fuzz/%.c=%)
FUZZ_LIBS := $(call obj,tests/version.c) $(call schemas,tests/unit) $(FRONT) $(B)/lib/libkmsg-schema.a \
             $(B)/lib/libkmsg-json.a $(B)/lib/libkmsg.a

$(call obj,$(FUZZ_SRC)): private EXTRA_CPPFLAGS = -Itests -I$(B)/gen/tests/unit -I$(B)/gen
$(call obj,$(FUZZ_SRC)): | $(call made,tests/unit,h) $(IDL_GEN)

$(FUZZ:%=$(B)/test/fuzz/%): $(B)/test/fuzz/%: $(B)/obj/tests/fuzz/%.o $(B)/obj/tests/feed.o $(FUZZ_LIBS)
	$(call link,$(SYS_LIBS) $(JSON_LIBS))

# tests/net/X.c is a program that the tests in that folder run on several hosts at once.
NET_PROGS := $(patsubst tests/%.c,$(B)/test/%,$(wildcard tests/net/*.c))

$(call obj,$(wildcard tests/net/*.c)): private EXTRA_CPPFLAGS = -I$(B)/gen/tests/unit
$(call obj,$(wildcard tests/net/*.c)): | $(call made,tests/unit,h)
$(NET_PROGS): $(B)/test/net/%: $(B)/obj/tests/net/%.o $(B)/test/unit/schemas.a $(B)/lib/libkmsg.a
	$(call link,$(SYS_LIBS))

PROGRAM_TESTS := $(TEST_PROGS) $(FUZZ:%=$(B)/test/fuzz/%)
SCRIPT_TESTS  := $(wildcard tests/bad/*.sh tests/compare/*.sh tests/cli/*.sh tests/net/*_test.sh tests/insn/*.sh \
                 tests/prop/*.sh) tests/tidy/tidy
RUN_TESTS      = B='$(B)' CC='$(CC)' CXX='$(CXX)' SAN='$(SAN)' tests/run

# $(call chosen,TESTS): those that T=word asks for; all without it.
chosen = $(if $(T),$(foreach t,$(1),$(if $(findstring $(T),$(t:$(B)/%=%)),$(t))),$(1))

test-programs: $(PROGRAM_TESTS)

test: deps ## all tests, or those whose path contains T=word
	@$(MAKE) --no-print-directory test-now

test-now: all $(EXAMPLE_PROGS) $(B)/test/insn/ops $(B)/test/insn/messages $(call chosen,$(PROGRAM_TESTS)) \
          $(if $(call chosen,tests/prop/generated_test.sh),$(MADE_TEST)) \
          $(if $(call chosen,tests/cli/names_test.sh),$(B)/test/net/library) \
          $(if $(call chosen,$(wildcard tests/net/*_test.sh)),$(NET_PROGS))
	@$(RUN_TESTS) $(call chosen,$(PROGRAM_TESTS) $(SCRIPT_TESTS))

# ---- instructions ----------------------------------------------------------------------------------

# What one operation of the codec costs, counted: tests/insn/insn_test.sh holds it to the baseline. It
# takes values and the functions that use kmsg from the codec suite, and none of its peers.
INSN_SRC := tests/bench/bench.c tests/bench/plain.c tests/bench/codec_entry.c \
            tests/bench/codec_kmsg.c

$(call obj,tests/insn/ops.c): private EXTRA_CPPFLAGS = -Itests/bench
$(B)/test/insn/ops: $(call obj,tests/insn/ops.c $(INSN_SRC)) $(B)/obj/gen/tests/bench/codec.kmsg.o \
    $(B)/lib/libkmsg-codec.a
	$(link)

$(call obj,tests/insn/messages.c): private EXTRA_CPPFLAGS = -Itests/bench -I$(B)/gen/tests/bench
$(call obj,tests/insn/messages.c): | $(B)/gen/tests/bench/echo.kmsg.h
$(B)/test/insn/messages: $(call obj,tests/insn/messages.c tests/bench/bench.c) \
    $(B)/obj/gen/tests/bench/echo.kmsg.o $(B)/lib/libkmsg.a
	$(call link,$(SYS_LIBS))

insn-baseline: $(B)/test/insn/ops $(B)/test/insn/messages ## count kmsg's instructions anew; review the difference
	@B='$(B)' CC='$(CC)' tests/insn/count > $(B)/test/insn/baseline
	@mv $(B)/test/insn/baseline tests/insn/baseline
	@git --no-pager diff --stat tests/insn/baseline 2> /dev/null || :

# ---- benches ---------------------------------------------------------------------------------------

BENCH_SRC  := $(wildcard tests/bench/*.c)
BENCH_CC   := $(patsubst %.cc,$(B)/obj/%.o,$(wildcard tests/bench/*.cc))
BENCH_GEN  := $(B)/gen/tests/bench
BENCH_LIBS  = $(call lazy,BENCH_LIBS,pkg-config --libs libprotobuf-c protobuf \
              capnp-rpc grpc++ msgpack CycloneDDS libzmq openssl) -lprotobuf-nanopb -lnng -lstdc++

# What the peers' compilers make: no code of ours, so compiled without our warnings. They are compiled
# as kmsg is, but without their assertions.
PROTO_C    := $(BENCH_GEN)/codec.pb-c.c
PROTO_CC   := $(BENCH_GEN)/codec.pb.cc $(BENCH_GEN)/echo.pb.cc
GRPC_CC    := $(BENCH_GEN)/echo.grpc.pb.cc
CAPNP_CC   := $(BENCH_GEN)/codec.capnp.cc $(BENCH_GEN)/echo.capnp.cc
FLAT_H     := $(BENCH_GEN)/codec_generated.h
BEBOP_C    := $(BENCH_GEN)/bebop/codec_bop.c $(BENCH_GEN)/bebop/bebop.c
BEBOP_H    := $(BENCH_GEN)/bebop/codec_bop.h
NANO_C     := $(BENCH_GEN)/nanopb/codec.pb.c
CDR_C      := $(BENCH_GEN)/cdr/final/codec.c $(BENCH_GEN)/cdr/appendable/codec.c
BENCH_MADE := $(PROTO_C) $(NANO_C) $(CDR_C) $(BEBOP_C)
BENCH_H    := $(PROTO_C:.c=.h) $(NANO_C:.c=.h) $(CDR_C:.c=.h) $(PROTO_CC:.cc=.h) $(GRPC_CC:.cc=.h) \
              $(CAPNP_CC:.cc=.h) $(FLAT_H) $(BEBOP_H)
BENCH_OBJ   = $(call obj,$(BENCH_SRC)) $(BENCH_CC) $(call gen,$(BENCH_MADE)) \
              $(patsubst $(B)/gen/%.cc,$(B)/obj/gen/%.o,$(PROTO_CC) $(GRPC_CC) $(CAPNP_CC))

$(FLAT_H): tests/bench/codec.fbs
	$(call say,FLATC,$<)mkdir -p $(@D) && flatc --cpp -o $(@D) $<

$(PROTO_C) $(PROTO_C:.c=.h) &: tests/bench/codec.proto
	$(call say,PROTO,$<)mkdir -p $(@D) && protoc-c --proto_path=tests/bench --c_out=$(@D) $<

$(BENCH_GEN)/%.pb.cc $(BENCH_GEN)/%.pb.h: tests/bench/%.proto
	$(call say,PROTO,$<)mkdir -p $(@D) && protoc --proto_path=tests/bench --cpp_out=$(@D) $<

$(BENCH_GEN)/%.grpc.pb.cc $(BENCH_GEN)/%.grpc.pb.h: tests/bench/%.proto
	$(call say,GRPC,$<)mkdir -p $(@D) && protoc --proto_path=tests/bench --grpc_out=$(@D) \
	    --plugin=protoc-gen-grpc="$$(command -v grpc_cpp_plugin)" $<

$(BENCH_GEN)/%.capnp.cc $(BENCH_GEN)/%.capnp.h: tests/bench/%.capnp
	$(call say,CAPNP,$<)mkdir -p $(@D) && capnp compile --src-prefix=tests/bench -oc++:$(@D) $< && \
	    mv $(@D)/$*.capnp.c++ $(@D)/$*.capnp.cc

$(NANO_C) $(NANO_C:.c=.h) &: tests/bench/codec.proto tests/bench/codec.options
	$(call say,NANO,$<)mkdir -p $(@D) && protoc --proto_path=tests/bench \
	    --nanopb_out=--options-file=tests/bench/codec.options:$(@D) $<

idlc = $(call say,IDLC,$<)mkdir -p $(@D) && idlc -t -D MODULE=$(1) -x $(2) -o $(@D) $<

$(filter %/final/codec.c,$(CDR_C)) $(BENCH_GEN)/cdr/final/codec.h &: tests/bench/codec.idl
	$(call idlc,frozen,final)

$(filter %/appendable/codec.c,$(CDR_C)) $(BENCH_GEN)/cdr/appendable/codec.h &: tests/bench/codec.idl
	$(call idlc,growing,appendable)

$(BEBOP_C) $(BEBOP_H) &: tests/bench/codec.bop tests/bench/bebop.sh
	$(call say,BEBOP,$<)tests/bench/bebop.sh $(@D)

BENCH_CXX = $(call say,CXX,$<)mkdir -p $(@D) && $(CXX) -std=c++17 $(CFLAGS) -DNDEBUG \
            $(CPPFLAGS_ALL) -I$(BENCH_GEN) -MMD -MP -c -o $@ $<

$(BENCH_CC): $(B)/obj/%.o: %.cc $(FLAGS) | $(BENCH_H)
	$(BENCH_CXX) -Wall -Wextra $(WERROR)

$(B)/obj/gen/%.o: $(B)/gen/%.cc $(FLAGS)
	$(BENCH_CXX) -w

BEBOP_FLAGS := -I$(BENCH_GEN)/bebop -DBEBOP_SINGLE_THREADED

$(call gen,$(BENCH_MADE)): private EXTRA_CFLAGS = -DNDEBUG -w
# Its headers use what gcc adds to C.
$(call obj,tests/bench/codec_cdr.c): private EXTRA_CFLAGS = -std=gnu11
$(call obj,$(BENCH_SRC)) $(call gen,$(BENCH_MADE)): private EXTRA_CPPFLAGS = -I$(BENCH_GEN) $(BEBOP_FLAGS)
$(call obj,$(BENCH_SRC)): | $(call made,tests/bench,h)
$(call obj,$(filter-out $(INSN_SRC),$(BENCH_SRC))): | $(BENCH_H)
$(call schemas,tests/bench): private EXTRA_CPPFLAGS = -I$(BENCH_GEN)
$(call schemas,tests/bench): | $(call made,tests/bench,h)

$(B)/bench/bench: $(BENCH_OBJ) $(call schemas,tests/bench) $(B)/lib/libkmsg.a
	$(call link,$(SYS_LIBS) $(BENCH_LIBS))

$(B)/bench/allocations.so: $(call obj,tests/bench/preload/allocations.c)
	$(call say,LD,$@)mkdir -p $(@D) && $(CC) -shared $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^

bench: ## measure kmsg beside its peers: rows on stdout; S=codec: one suite
	@.ci/deps build bench
	@$(MAKE) --no-print-directory $(B)/bench/bench $(B)/bench/allocations.so >&2
	@$(B)/bench/bench $(S)
	@case '$(S)' in ''|codec) B='$(B)' tests/bench/instructions; B='$(B)' tests/bench/code_size ;; esac
	@case '$(S)' in ''|transport) B='$(B)' tests/bench/transport_costs ;; esac

# ---- builds with other flags -----------------------------------------------------------------------

SAN_FLAGS = -O1 -g -fno-omit-frame-pointer

asan: ## all tests under the address sanitizer, in build/asan
	@$(MAKE) --no-print-directory test B=build/asan CFLAGS='$(SAN_FLAGS)' SAN='-fsanitize=address'

ubsan: ## all tests under the undefined behaviour sanitizer, in build/ubsan
	@$(MAKE) --no-print-directory test B=build/ubsan CFLAGS='$(SAN_FLAGS)' \
	    SAN='-fsanitize=undefined -fno-sanitize-recover=undefined'

tsan: ## all tests under the thread sanitizer, in build/tsan
	@$(MAKE) --no-print-directory test B=build/tsan CFLAGS='$(SAN_FLAGS)' SAN='-fsanitize=thread'

valgrind: ## the test programs under valgrind
	@.ci/deps build test valgrind
	@$(MAKE) --no-print-directory test-programs
	@UNDER='valgrind -q --error-exitcode=99 --leak-check=full' $(RUN_TESTS) \
	    $(call chosen,$(TEST_PROGS))

fuzz: ## let clang's fuzzer loose on tests/fuzz/F.c: F=decode S=60 (seconds)
	@.ci/deps build fuzz
	@$(MAKE) --no-print-directory B=build/fuzz CC=clang CFLAGS='$(SAN_FLAGS)' \
	    SAN='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined' \
	    $(F:%=build/fuzz/run/%)
	@mkdir -p build/fuzz/found/$(F) tests/fuzz/corpus/$(F)
	build/fuzz/run/$(F) -max_total_time=$(or $(S),60) -timeout=10 -rss_limit_mb=1024 \
	    -artifact_prefix=build/fuzz/found/$(F)- build/fuzz/found/$(F) tests/fuzz/corpus/$(F)

F ?= decode

$(FUZZ:%=$(B)/run/%): $(B)/run/%: $(B)/obj/tests/fuzz/%.o $(FUZZ_LIBS)
	$(call link,-fsanitize=fuzzer $(SYS_LIBS) $(JSON_LIBS))

# ---- other machines --------------------------------------------------------------------------------

# A big-endian machine, and one of 32 bits, by their names in Debian. Their programs find libraries
# where the cross compilers and .ci/foreign have put them; qemu runs those of s390x.
MACHINES := s390x i386

foreign-s390x: private CROSS  = s390x-linux-gnu
foreign-s390x: private FOLDER = s390x-linux-gnu
foreign-s390x: private LOADER = ld64.so.1
foreign-s390x: private UNDER  = qemu-s390x
foreign-i386: private CROSS  = i686-linux-gnu
foreign-i386: private FOLDER = i386-linux-gnu
foreign-i386: private LOADER = ld-linux.so.2

test-foreign: ## the C tests on a big-endian machine and on one of 32 bits, in build/s390x and build/i386
	@.ci/deps build test foreign
	@$(MAKE) --no-print-directory $(KMSGC) $(B)/test/wire/stranger_test
	@$(RUN_TESTS) $(B)/test/wire/stranger_test
	@for m in $(MACHINES); do $(MAKE) --no-print-directory foreign-$$m || exit 1; done

foreign-s390x foreign-i386: foreign-%:
	@.ci/foreign $* $(B)/$*/root
	@$(MAKE) --no-print-directory foreign-now B=$(B)/$* HOST_B=$(B) KMSGC_HOST=$(B)/bin/kmsgc \
	    CC=$(CROSS)-gcc AR=$(CROSS)-ar CFLAGS='-O1 -g' UNDER=$(UNDER) TEST_SLOW=20 \
	    CPPFLAGS=-I$(B)/$*/root/usr/include LDFLAGS='-L$(B)/$*/root/usr/lib/$(FOLDER) \
	    -Wl,-rpath=$(abspath $(B)/$*/root/usr/lib/$(FOLDER)):/usr/$(CROSS)/lib \
	    -Wl,--dynamic-linker=/usr/$(CROSS)/lib/$(LOADER)'

foreign-now: $(call chosen,$(TEST_PROGS)) $(KMSGC)
	@$(RUN_TESTS) $(call chosen,$(TEST_PROGS))
	@$(if $(T),,$(RUN_TESTS) tests/foreign/same_test.sh)

# ---- generated code under review -------------------------------------------------------------------

GOLDEN := $(wildcard tests/golden/*.kmsg)
PAGES  := $(wildcard tests/golden/pages/*.kmsg)

golden: all ## write what is made of tests/golden/ anew; review the difference before you commit it
	$(KMSGC) -I tests/golden -o tests/golden $(GOLDEN)
	$(KMSGC) --docs --json-schema -I tests/golden/pages -o tests/golden/pages $(PAGES)

# ---- style -----------------------------------------------------------------------------------------

OURS = $(wildcard runtime/*/*.[ch] runtime/include/kmsg/*.h idl/*.[ch] compiler/*.[ch] tests/*.[ch] \
       tests/*/*_test.c tests/fault/*.h tests/net/*.c tests/prop/*.c tests/sim/*.[ch] tests/fuzz/*.c \
       tests/bench/*.[ch] tests/bench/preload/*.c tests/insn/*.c examples/*/*.c examples/build/*/*.c)

fmt: ## show what clang-format would change
	@.ci/deps fmt
	@for f in $(OURS); do clang-format --style=file "$$f" | diff -u --label "$$f" --label \
	    "$$f, formatted" "$$f" - || true; done

tidy: all ## the rules that a machine can hold: layers, lengths, banned calls, exported names
	@$(RUN_TESTS) tests/tidy/tidy

# ---- install ---------------------------------------------------------------------------------------

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR    ?= $(PREFIX)/share
INSTALL    ?= install

PCDIR     = $(LIBDIR)/pkgconfig
CMAKEDIR  = $(LIBDIR)/cmake/kmsg
MANDIR    = $(DATADIR)/man/man1
BASHDIR   = $(DATADIR)/bash-completion/completions
KMSGDIR   = $(DATADIR)/kmsg
INSTALLED = $(BINDIR) $(LIBDIR) $(PCDIR) $(CMAKEDIR) $(INCLUDEDIR)/kmsg $(MANDIR) $(BASHDIR) \
            $(KMSGDIR)
CMAKEFILES = kmsgConfig.cmake kmsgConfigVersion.cmake

# $(call fill,IN,OUT,MORE) writes OUT with the words between @ in IN replaced.
fill = sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@BINDIR@|$(BINDIR)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' \
       -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|g' -e 's|@VERSION@|$(VERSION)|g' \
       -e 's|@SOMAJOR@|$(SOMAJOR)|g' $(3) $(1) > '$(DESTDIR)$(2)'

# $(call pc,NAME,DESCRIPTION,PACKAGES THAT STATIC LINKING NEEDS)
pc = $(call fill,kmsg.pc.in,$(PCDIR)/$(1).pc,-e 's|@NAME@|$(1)|g' -e 's|@DESCRIPTION@|$(2)|g' \
     -e 's|@REQUIRES@|$(3)|g' -e 's|=$(PREFIX)/|=$${prefix}/|')

install: all ## into PREFIX (/usr/local), below DESTDIR
	$(INSTALL) -d $(INSTALLED:%='$(DESTDIR)%')
	$(INSTALL) -m 755 $(KMSGC) $(B)/bin/kmsg '$(DESTDIR)$(BINDIR)'
	$(INSTALL) -m 644 $(HEADERS) $(SHIPPED_H) '$(DESTDIR)$(INCLUDEDIR)/kmsg'
	$(INSTALL) -m 644 $(STATIC) '$(DESTDIR)$(LIBDIR)'
	for l in $(notdir $(SHARED)); do \
	    $(INSTALL) -m 755 $(B)/lib/$$l '$(DESTDIR)$(LIBDIR)'/$$l.$(VERSION) && \
	    ln -sf $$l.$(VERSION) '$(DESTDIR)$(LIBDIR)'/$$l.$(SOMAJOR) && \
	    ln -sf $$l.$(SOMAJOR) '$(DESTDIR)$(LIBDIR)'/$$l || exit 1; done
	$(call pc,kmsg,Schema-defined messages between threads$(comma) processes and hosts,$(SYS_PACKAGES))
	$(call pc,kmsg-codec,The encoding of kmsg alone,)
	$(call pc,kmsg-json,Values of kmsg as JSON: beside kmsg or kmsg-codec,$(JSON_PACKAGES))
	$(call pc,kmsg-schema,Schemas of kmsg at run time: beside kmsg or kmsg-codec,)
	$(foreach f,$(CMAKEFILES),$(call fill,compiler/cmake/$(f).in,$(CMAKEDIR)/$(f),-e \
	    's|@REQUIRES@|$(SYS_PACKAGES)|g') &&) :
	$(INSTALL) -m 644 compiler/kmsgc.1 runtime/cli/kmsg.1 '$(DESTDIR)$(MANDIR)'
	$(INSTALL) -m 644 compiler/kmsgc.bash '$(DESTDIR)$(BASHDIR)/kmsgc'
	$(INSTALL) -m 644 runtime/cli/kmsg.bash '$(DESTDIR)$(BASHDIR)/kmsg'
	$(INSTALL) -m 644 idl/kmsg.tmLanguage.json $(SHIPPED) '$(DESTDIR)$(KMSGDIR)'
	[ -n '$(DESTDIR)' ] || [ "$$(id -u)" != 0 ] || ldconfig || :

uninstall: ## what install put there
	rm -f '$(DESTDIR)$(BINDIR)/kmsgc' '$(DESTDIR)$(BINDIR)/kmsg' \
	    '$(DESTDIR)$(MANDIR)/kmsg.1' '$(DESTDIR)$(BASHDIR)/kmsg' \
	    $(HEADERS:runtime/include/%='$(DESTDIR)$(INCLUDEDIR)/%') \
	    $(SHIPPED_H:$(B)/gen/include/%='$(DESTDIR)$(INCLUDEDIR)/%') \
	    $(SHIPPED:idl/schemas/%='$(DESTDIR)$(KMSGDIR)/%')
	rm -f $(foreach l,$(LIB_NAMES),$(patsubst %,'$(DESTDIR)$(LIBDIR)/$(l).%',a so so.$(SOMAJOR) \
	    so.$(VERSION)) '$(DESTDIR)$(PCDIR)/$(l:lib%=%).pc')
	rm -f $(CMAKEFILES:%='$(DESTDIR)$(CMAKEDIR)/%') '$(DESTDIR)$(MANDIR)/kmsgc.1' \
	    '$(DESTDIR)$(BASHDIR)/kmsgc' '$(DESTDIR)$(KMSGDIR)/kmsg.tmLanguage.json'
	-rmdir '$(DESTDIR)$(INCLUDEDIR)/kmsg' '$(DESTDIR)$(CMAKEDIR)' '$(DESTDIR)$(KMSGDIR)'

comma := ,

# ---- the rest --------------------------------------------------------------------------------------

deps: ## install with apt what building and testing need and this machine lacks
	@.ci/deps build test

deps-bench: ## ... and the libraries that `make bench` compares kmsg with
	@.ci/deps build bench

clean: ## remove all output
	rm -rf $(B)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# What was noted when the objects and schemas were last made.
-include $(shell [ -d $(B) ] && find $(B)/obj $(B)/gen -name '*.d' 2>/dev/null)
