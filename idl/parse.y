/* parse.y -- the grammar of schemas. It builds the tree of ast.h and judges nothing.
 *
 * After a mistake it goes on at the next field, method or declaration, so that several mistakes are
 * told in one run. Words that begin something are still good as names of fields and parameters.
 */
%require "3.8"
%define api.pure full
%define api.prefix {idl_yy}
%define api.location.type {idl_span}
%define api.token.prefix {T_}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {void *scanner}
%parse-param {struct idl_scan *scan}
%initial-action { at_work = scan->sources; }

%code requires {
#include "idl/scan.h"
}

%code {
#include "idl/diag.h"
#include "idl/names.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* Bison does not hand the scan to all who take memory. */
static _Thread_local idl_sources *at_work;
#define YYMALLOC(size) idl_temp_resize(at_work, NULL, size)
#define YYFREE(old)    idl_temp_resize(at_work, old, 0)

#define EXPECTED_MAX   6 /* more are not told: that helps nobody */
#define DEPTH_SEEN_MAX 100 /* deeper arrays are not made: they are refused all the same */

#define YYLLOC_DEFAULT(now, parts, n)                                                              \
    do {                                                                                           \
        (now).file = YYRHSLOC(parts, (n) > 0).file;                                                \
        (now).begin = (n) > 0 ? YYRHSLOC(parts, 1).begin : YYRHSLOC(parts, 0).end;                 \
        (now).end = (n) > 0 ? YYRHSLOC(parts, n).end : YYRHSLOC(parts, 0).end;                     \
    } while (0)

static void idl_yyerror(idl_span *where, void *scanner, struct idl_scan *scan, const char *text);
static void *node(struct idl_scan *scan, size_t size);
static ast_decl *decl(struct idl_scan *scan, ast_decl_kind kind, ast_token first, ast_token name);
static ast_field *field(struct idl_scan *scan, const ast_token *number, ast_token name,
                        ast_type *type, ast_value *value);
static ast_field *reserved(struct idl_scan *scan, ast_token number, ast_type *type);
static ast_type *type_node(struct idl_scan *scan, ast_type_kind kind, const char *name,
                           ast_type *item, ast_type *value, idl_span where);
static ast_type *array(struct idl_scan *scan, ast_type *type, ast_value *count, idl_span where);
static ast_value *int_value(struct idl_scan *scan, ast_token token, bool negative, idl_span where);
static ast_value *value_node(struct idl_scan *scan, ast_value_kind kind, ast_token token,
                             idl_span where);
static ast_value *duration_value(struct idl_scan *scan, ast_token token, bool negative,
                                 idl_span where);
static ast_value *listed(ast_value *value);
static ast_limit *limit(struct idl_scan *scan, bool range, ast_value *low, ast_value *high,
                        idl_span where);
static ast_word *name_node(struct idl_scan *scan, ast_token name);
static ast_method *method(struct idl_scan *scan, ast_type *returns, bool stream);
static uint64_t number_of(ast_token token, bool *overflow);
}

%union {
    ast_token   token;
    ast_type   *type;
    ast_value  *value;
    ast_limit  *limit;
    ast_field  *field;
    ast_word   *word;
    ast_mark   *mark;
    ast_method *method;
    ast_state  *state;
    ast_decl   *decl;
}

%token END 0 "the end of the file"
%token <token> NAME "a name" INT "a number" FLOAT "a decimal number" STRING "a string" ARROW "'->'"
%token <token> DURATION "a duration" RANGE "'..'"
%token <token> MODULE "'module'" IMPORT "'import'" CONST "'const'" ALIAS "'alias'" ENUM "'enum'"
%token <token> CLOSED "'closed'" RECORD "'record'" FIXED "'fixed'" ERROR "'error'"
%token <token> UNION "'union'" SERVICE "'service'" ONEWAY "'oneway'" STREAM "'stream'"
%token <token> THROWS "'throws'" TOPIC "'topic'" MACHINE "'machine'"
%token <token> LIST "'list'" SET "'set'" MAP "'map'" REF "'ref'"
%token <token> RESERVED "'reserved'" TRUE "'true'" FALSE "'false'"
%token <token> '{' '}' '(' ')' '<' '>' '[' ']' ':' ';' ',' '=' '?' '.' '-' '@'

%type <token> name word dotted
%type <type> type limited_type bare_type
%type <value> value mark_values
%type <limit> limits limit
%type <field> fields field_list field reserved_list reserved_item params param_list param key
%type <word> enum_values enum_list enum_value throws bases names
%type <mark> marks mark
%type <method> methods method_list method signature returns
%type <state> states state_list state
%type <decl> decl body

%%

file
    : module_line imports decls
    ;

module_line
    : %empty
    | MODULE dotted ';' {
          scan->tree->has_module = true;
          scan->tree->module = $2;
          scan->tree->doc = $1.doc;
      }
    ;

imports
    : %empty
    | imports IMPORT STRING ';' {
          ast_word *w = node(scan, sizeof *w);
          w->name = $3;
          w->last = w;
          scan->tree->imports = AST_APPEND(scan->tree->imports, w);
      }
    ;

decls
    : %empty
    | decls decl {
          if ($2 != NULL)
              scan->tree->decls = AST_APPEND(scan->tree->decls, $2);
      }
    | decls ';'
    ;

decl
    : marks body {
          $$ = $2;
          $$->marks = $1;
          if ($1 != NULL)
              $$->doc = $1->name.doc;
      }
    | error { $$ = NULL; }
    ;

body
    : CONST NAME ':' type '=' value {
          $$ = decl(scan, AST_CONST, $1, $2);
          $$->type = $4;
          $$->value = $6;
      }
    | ALIAS NAME '=' type {
          $$ = decl(scan, AST_ALIAS, $1, $2);
          $$->type = $4;
      }
    | ENUM NAME '{' enum_values '}' {
          $$ = decl(scan, AST_ENUM, $1, $2);
          $$->values = $4;
      }
    | CLOSED ENUM NAME '{' enum_values '}' {
          $$ = decl(scan, AST_ENUM, $1, $3);
          $$->closed = true;
          $$->values = $5;
      }
    | RECORD NAME '{' fields '}' {
          $$ = decl(scan, AST_RECORD, $1, $2);
          $$->fields = $4;
      }
    | FIXED RECORD NAME '{' fields '}' {
          $$ = decl(scan, AST_FIXED, $1, $3);
          $$->fields = $5;
      }
    | ERROR NAME '{' fields '}' {
          $$ = decl(scan, AST_ERROR, $1, $2);
          $$->fields = $4;
      }
    | UNION NAME '{' fields '}' {
          $$ = decl(scan, AST_UNION, $1, $2);
          $$->fields = $4;
      }
    | SERVICE NAME bases '{' methods '}' {
          $$ = decl(scan, AST_SERVICE, $1, $2);
          $$->bases = $3;
          $$->methods = $5;
      }
    | TOPIC NAME key ':' type {
          $$ = decl(scan, AST_TOPIC, $1, $2);
          $$->fields = $3;
          $$->type = $5;
      }
    | MACHINE NAME '{' states '}' {
          $$ = decl(scan, AST_MACHINE, $1, $2);
          $$->states = $4;
      }
    ;

/* ---- enums ----------------------------------------------------------------------------------- */

separator
    : ';'
    | ','
    ;

enum_values
    : %empty { $$ = NULL; }
    | enum_list
    | enum_list separator
    ;

enum_list
    : enum_value
    | enum_list separator enum_value { $$ = $3 == NULL ? $1 : AST_APPEND($1, $3); }
    ;

enum_value
    : word {
          $$ = node(scan, sizeof *$$);
          $$->name = $1;
          $$->last = $$;
      }
    | word '=' value {
          $$ = node(scan, sizeof *$$);
          $$->name = $1;
          $$->value = $3;
          $$->last = $$;
      }
    | error { $$ = NULL; }
    ;

/* ---- records --------------------------------------------------------------------------------- */

fields
    : %empty { $$ = NULL; }
    | field_list
    | field_list ';'
    ;

field_list
    : field
    | field_list ';' field { $$ = $3 == NULL ? $1 : AST_APPEND($1, $3); }
    ;

field
    : word ':' type { $$ = field(scan, NULL, $1, $3, NULL); }
    | word ':' type '=' value { $$ = field(scan, NULL, $1, $3, $5); }
    | INT word ':' type { $$ = field(scan, &$1, $2, $4, NULL); }
    | INT word ':' type '=' value { $$ = field(scan, &$1, $2, $4, $6); }
    | RESERVED reserved_list { $$ = $2; }
    | error { $$ = NULL; }
    ;

reserved_list
    : reserved_item
    | reserved_list ',' reserved_item { $$ = AST_APPEND($1, $3); }
    ;

reserved_item
    : INT { $$ = reserved(scan, $1, NULL); }
    | INT ':' type { $$ = reserved(scan, $1, $3); }
    ;

/* ---- services -------------------------------------------------------------------------------- */

methods
    : %empty { $$ = NULL; }
    | method_list
    | method_list ';'
    ;

method_list
    : method
    | method_list ';' method { $$ = $3 == NULL ? $1 : AST_APPEND($1, $3); }
    ;

method
    : marks signature {
          $$ = $2;
          $$->marks = $1;
          if ($1 != NULL)
              $$->name.doc = $1->name.doc;
      }
    | error { $$ = NULL; }
    ;

marks
    : %empty { $$ = NULL; }
    | marks mark { $$ = AST_APPEND($1, $2); }
    ;

mark
    : '@' NAME {
          $$ = node(scan, sizeof *$$);
          *$$ = (ast_mark){.last = $$, .name = $2};
          $$->name.doc = $1.doc;
      }
    | '@' NAME '(' mark_values ')' {
          $$ = node(scan, sizeof *$$);
          *$$ = (ast_mark){.last = $$, .name = $2, .values = $4};
          $$->name.doc = $1.doc;
      }
    ;

mark_values
    : value { $$ = listed($1); }
    | mark_values ',' value {
          ast_value *value = listed($3);
          $$ = AST_APPEND($1, value);
      }
    ;

signature
    : word '(' params ')' returns throws {
          $$ = $5;
          $$->name = $1;
          $$->params = $3;
          $$->throws = $6;
      }
    | ONEWAY word '(' params ')' returns throws {
          $$ = $6;
          $$->oneway = true;
          $$->name = $2;
          $$->name.doc = $1.doc;
          $$->params = $4;
          $$->throws = $7;
      }
    ;

returns
    : %empty { $$ = method(scan, NULL, false); }
    | ARROW type { $$ = method(scan, $2, false); }
    | ARROW STREAM type { $$ = method(scan, $3, true); }
    ;

params
    : %empty { $$ = NULL; }
    | param_list
    ;

param_list
    : param
    | param_list ',' param { $$ = AST_APPEND($1, $3); }
    ;

param
    : word ':' type { $$ = field(scan, NULL, $1, $3, NULL); }
    | word ':' type '=' value { $$ = field(scan, NULL, $1, $3, $5); }
    | word ':' STREAM type {
          $$ = field(scan, NULL, $1, $4, NULL);
          $$->stream = true;
      }
    ;

throws
    : %empty { $$ = NULL; }
    | THROWS names { $$ = $2; }
    ;

bases
    : %empty { $$ = NULL; }
    | ':' names { $$ = $2; }
    ;

names
    : dotted { $$ = name_node(scan, $1); }
    | names ',' dotted {
          ast_word *name = name_node(scan, $3);
          $$ = AST_APPEND($1, name);
      }
    ;

/* ---- topics and machines --------------------------------------------------------------------- */

key
    : %empty { $$ = NULL; }
    | '(' params ')' { $$ = $2; }
    ;

states
    : %empty { $$ = NULL; }
    | state_list
    | state_list ';'
    ;

state_list
    : state
    | state_list ';' state { $$ = $3 == NULL ? $1 : AST_APPEND($1, $3); }
    ;

state
    : word {
          $$ = node(scan, sizeof *$$);
          *$$ = (ast_state){.last = $$, .name = $1};
      }
    | word ':' names {
          $$ = node(scan, sizeof *$$);
          *$$ = (ast_state){.last = $$, .name = $1, .handles = $3};
      }
    | error { $$ = NULL; }
    ;

/* ---- types ----------------------------------------------------------------------------------- */

type
    : limited_type
    | type '?' {
          $$ = $1;
          $$->twice = $$->optional;
          $$->optional = true;
          $$->span.end = @2.end;
      }
    ;

limited_type
    : bare_type
    | limited_type '[' value ']' { $$ = array(scan, $1, $3, @$); }
    | limited_type '(' limits ')' {
          $$ = $1;
          $$->limited_twice = $$->limits != NULL;
          $$->limits = $3;
          $$->span.end = @4.end;
      }
    ;

bare_type
    : dotted { $$ = type_node(scan, AST_NAMED, $1.text, NULL, NULL, $1.span); }
    | LIST '<' type '>' { $$ = type_node(scan, AST_LIST, NULL, $3, NULL, @$); }
    | SET '<' type '>' { $$ = type_node(scan, AST_SET, NULL, $3, NULL, @$); }
    | MAP '<' type ',' type '>' { $$ = type_node(scan, AST_MAP, NULL, $3, $5, @$); }
    | REF '<' dotted '>' { $$ = type_node(scan, AST_REF, $3.text, NULL, NULL, $3.span); }
    ;

limits
    : limit
    | limits ',' limit { $$ = AST_APPEND($1, $3); }
    ;

limit
    : value { $$ = limit(scan, false, $1, $1, @$); }
    | RANGE { $$ = limit(scan, true, NULL, NULL, @$); }
    | value RANGE { $$ = limit(scan, true, $1, NULL, @$); }
    | RANGE value { $$ = limit(scan, true, NULL, $2, @$); }
    | value RANGE value { $$ = limit(scan, true, $1, $3, @$); }
    ;

/* ---- values ---------------------------------------------------------------------------------- */

value
    : INT { $$ = int_value(scan, $1, false, @$); }
    | '-' INT { $$ = int_value(scan, $2, true, @$); }
    | DURATION { $$ = duration_value(scan, $1, false, @$); }
    | '-' DURATION { $$ = duration_value(scan, $2, true, @$); }
    | FLOAT { $$ = value_node(scan, AST_FLOAT, $1, @$); }
    | '-' FLOAT {
          $$ = value_node(scan, AST_FLOAT, $2, @$);
          $$->number = -$$->number;
      }
    | TRUE { $$ = value_node(scan, AST_BOOL, $1, @$); }
    | FALSE { $$ = value_node(scan, AST_BOOL, $1, @$); }
    | STRING { $$ = value_node(scan, AST_STRING, $1, @$); }
    | dotted { $$ = value_node(scan, AST_NAME, $1, $1.span); }
    ;

/* ---- names ----------------------------------------------------------------------------------- */

dotted
    : name
    | dotted '.' name {
          $$ = $1;
          $$.text = idl_text(scan->sources, "%s.%s", $1.text, $3.text);
          $$.size = $1.size + 1 + $3.size;
          $$.span.end = $3.span.end;
      }
    ;

name
    : NAME
    ;

word
    : NAME
    | MODULE
    | IMPORT
    | CONST
    | ALIAS
    | ENUM
    | CLOSED
    | RECORD
    | FIXED
    | UNION
    | ERROR
    | SERVICE
    | ONEWAY
    | STREAM
    | THROWS
    | TOPIC
    | MACHINE
    | LIST
    | SET
    | MAP
    | REF
    | RESERVED
    | TRUE
    | FALSE
    ;

%%

static void *node(struct idl_scan *scan, size_t size)
{
    return idl_alloc(scan->sources, size);
}

static ast_decl *decl(struct idl_scan *scan, ast_decl_kind kind, ast_token first, ast_token name)
{
    ast_decl *d = node(scan, sizeof *d);

    d->kind = kind;
    d->doc = first.doc;
    d->name = name;
    d->last = d;
    return d;
}

static ast_field *field(struct idl_scan *scan, const ast_token *number, ast_token name,
                        ast_type *type, ast_value *value)
{
    ast_field *f = node(scan, sizeof *f);
    bool       overflow = false;

    f->last = f;
    f->name = name;
    f->type = type;
    f->value = value;
    f->number_span = name.span;
    if (number != NULL) {
        f->has_number = true;
        f->number = number_of(*number, &overflow);
        f->number_span = number->span;
        f->name.doc = number->doc;
        if (overflow)
            f->number = UINT64_MAX;
    }
    return f;
}

static ast_field *reserved(struct idl_scan *scan, ast_token number, ast_type *type)
{
    ast_field *f = field(scan, &number, number, type, NULL);

    f->reserved = true;
    return f;
}

static ast_type *type_node(struct idl_scan *scan, ast_type_kind kind, const char *name,
                           ast_type *item, ast_type *value, idl_span where)
{
    ast_type *t = node(scan, sizeof *t);
    unsigned  a = item == NULL ? 0 : item->depth, b = value == NULL ? 0 : value->depth;

    t->kind = kind;
    t->name = name;
    t->item = item;
    t->value = value;
    t->depth = 1 + (a > b ? a : b);
    t->span = where;
    return t;
}

/* As in C, the brackets of T[2][3] count from the outside in: two items of T[3]. */
static ast_type *array(struct idl_scan *scan, ast_type *type, ast_value *count, idl_span where)
{
    ast_type *a;

    if (type->depth > DEPTH_SEEN_MAX)
        return type;
    if (type->kind != AST_ARRAY) {
        a = type_node(scan, AST_ARRAY, NULL, type, NULL, where);
        a->count = count;
        return a;
    }
    type->item = array(scan, type->item, count, where);
    type->depth = type->item->depth + 1;
    type->span.end = where.end;
    return type;
}

static uint64_t number_of(ast_token token, bool *overflow)
{
    char   digits[80];
    size_t n = 0;
    int    base = 10;

    for (size_t i = 0; i < token.size && n + 1 < sizeof digits; i++)
        if (token.text[i] != '_')
            digits[n++] = token.text[i];
    digits[n] = '\0';
    if (n > 2 && (digits[1] | 0x20) == 'x')
        base = 16;
    else if (n > 2 && (digits[1] | 0x20) == 'b')
        base = 2;
    errno = 0;
    *overflow = token.size >= sizeof digits;
    {
        uint64_t number = strtoull(base == 10 ? digits : digits + 2, NULL, base);
        *overflow = *overflow || errno == ERANGE;
        return number;
    }
}

static ast_value *int_value(struct idl_scan *scan, ast_token token, bool negative, idl_span where)
{
    ast_value *v = node(scan, sizeof *v);

    v->kind = AST_INT;
    v->magnitude = number_of(token, &v->overflow);
    v->negative = negative && v->magnitude != 0;
    v->span = where;
    return v;
}

/* 2s, 10us: in ns. */
static ast_value *duration_value(struct idl_scan *scan, ast_token token, bool negative,
                                 idl_span where)
{
    static const struct {
        const char *word;
        uint64_t    ns;
    } units[] = {
        {"ns", 1},
        {"us", 1000},
        {"ms", 1000000},
        {"s", 1000000000},
        {"min", UINT64_C(60000000000)},
        {"h", UINT64_C(3600000000000)},
    };
    size_t     digits = strspn(token.text, "0123456789_");
    ast_token  number = {token.text, digits, token.doc, token.span};
    ast_value *v = int_value(scan, number, negative, where);
    uint64_t   ns = 1;

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(token.text + digits, units[i].word) == 0)
            ns = units[i].ns;
    v->kind = AST_DURATION;
    v->overflow = v->overflow || v->magnitude > (uint64_t)INT64_MAX / ns;
    v->magnitude *= ns;
    return v;
}

static ast_value *listed(ast_value *value)
{
    value->last = value;
    return value;
}

static ast_limit *limit(struct idl_scan *scan, bool range, ast_value *low, ast_value *high,
                        idl_span where)
{
    ast_limit *l = node(scan, sizeof *l);

    *l = (ast_limit){.last = l, .range = range, .low = low, .high = high, .span = where};
    return l;
}

static ast_word *name_node(struct idl_scan *scan, ast_token name)
{
    ast_word *w = node(scan, sizeof *w);

    *w = (ast_word){.last = w, .name = name};
    return w;
}

static ast_method *method(struct idl_scan *scan, ast_type *returns, bool stream)
{
    ast_method *m = node(scan, sizeof *m);

    *m = (ast_method){.last = m, .returns = returns, .returns_stream = stream};
    return m;
}

/* As strtod() takes it in this process: without '_', with the locale's point. */
static const char *float_text(struct idl_scan *scan, const char *text)
{
    const char *point = localeconv()->decimal_point;
    char       *copy = idl_alloc(scan->sources, strlen(text) + strlen(point) + 1), *to = copy;

    for (; *text != '\0'; text++) {
        if (*text == '.') {
            memcpy(to, point, strlen(point));
            to += strlen(point);
        } else if (*text != '_') {
            *to++ = *text;
        }
    }
    return copy;
}

static ast_value *value_node(struct idl_scan *scan, ast_value_kind kind, ast_token token,
                             idl_span where)
{
    ast_value *v = node(scan, sizeof *v);

    v->kind = kind;
    v->text = token.text;
    v->size = token.size;
    v->magnitude = kind == AST_BOOL && token.text[0] == 't';
    v->span = where;
    if (kind == AST_FLOAT) {
        v->number = strtod(float_text(scan, token.text), NULL);
    }
    return v;
}

/* The word before `at`, or what stands there at all; its size in *size. */
static const char *word_before(const char *text, uint32_t at, size_t *size)
{
    uint32_t end;

    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        at--;
    end = at;
    while (at > 0 && text[at - 1] >= 'a' && text[at - 1] <= 'z')
        at--;
    *size = end - at;
    return text + at;
}

/* To who comes from another language. */
static void give_hint(struct idl_scan *scan, idl_span where, yysymbol_kind_t found, bool field)
{
    const char *text = scan->sources->files[where.file].text, *before;
    const char *hint = idl_word_elsewhere(text + where.begin, where.end - where.begin);
    size_t      size;

    before = word_before(text, where.begin, &size);
    if (hint == NULL)
        hint = idl_word_elsewhere(before, size);

    if (hint == NULL && field && found == YYSYMBOL_NAME)
        hint = "a field is written `name: type`; records, enums and unions are declared outside of "
               "others";
    if (hint != NULL)
        idl_note(scan->sources, where, "%s", hint);
}

/* "expected ':' or '=' before 'x'" */
static int yyreport_syntax_error(const yypcontext_t *context, void *scanner,
                                     struct idl_scan *scan)
{
    yysymbol_kind_t expected[EXPECTED_MAX];
    int             count = yypcontext_expected_tokens(context, expected, EXPECTED_MAX);
    yysymbol_kind_t found = yypcontext_token(context);
    idl_span        where = *yypcontext_location(context);
    char            wanted[160] = "";
    size_t          n = 0;

    (void)scanner;
    for (int i = 0; i < count; i++) {
        const char *between = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        int         m = snprintf(wanted + n, sizeof wanted - n, "%s%s", between,
                                 yysymbol_name(expected[i]));
        n += m > 0 && (size_t)m < sizeof wanted - n ? (size_t)m : 0;
    }
    if (found == YYSYMBOL_YYEOF || where.end <= where.begin) {
        idl_error(scan->sources, where, NULL, n > 0 ? "the file ends where %s is expected"
                                                    : "the file ends too early%s", wanted);
    } else {
        const char *text = scan->sources->files[where.file].text + where.begin;
        int         size = (int)(where.end - where.begin > 40 ? 40 : where.end - where.begin);
        if (n > 0)
            idl_error(scan->sources, where, NULL, "expected %s before '%.*s'", wanted, size, text);
        else
            idl_error(scan->sources, where, NULL, "'%.*s' cannot stand here", size, text);
        give_hint(scan, where, found, strncmp(wanted, "':'", 3) == 0);
    }
    return 0;
}

static void idl_yyerror(idl_span *where, void *scanner, struct idl_scan *scan, const char *text)
{
    (void)scanner;
    (void)text; /* "memory exhausted": the only one that does not come as a syntax error */
    idl_error(scan->sources, *where, NULL, "nested too deeply to be read");
}
