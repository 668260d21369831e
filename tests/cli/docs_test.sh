#!/bin/bash
# docs_test.sh -- kmsgc --docs and --json-schema: the pages that are kept in tests/golden/pages, text
# that would break Markdown or HTML, and idl/json.md, whose examples a schema takes or refuses.
. tests/tap.sh

accepts=tests/cli/accepts.pl
pages=tests/golden/pages

# ---- golden ----
check "both at once, and no C" "$KMSGC" --docs --json-schema -I $pages -o "$tmp/made" $pages/*.kmsg
for kept in $pages/*.md $pages/*.json; do
    check "$(basename "$kept") is as it was" diff -u "$kept" "$tmp/made/$(basename "$kept")"
done
check "nothing else is written" test "$(find "$tmp/made" -type f | wc -l)" = \
    "$(find $pages -name '*.md' -o -name '*.json' | wc -l)"
for schema in $pages/*.json; do
    check "$(basename "$schema") refers to what is there" $accepts "$schema"
done

# ---- files ----
check "--docs alone" "$KMSGC" --docs --base $pages -o "$tmp/docs" $pages/places.kmsg
check "... writes one page" test "$(ls "$tmp/docs")" = places.kmsg.md
check "--json-schema with a depfile" "$KMSGC" --json-schema -MD -I $pages -o "$tmp/json" \
    $pages/fleet.kmsg
check "... names what was written" grep -q "^$tmp/json/fleet.kmsg.schema.json: $pages/fleet.kmsg" \
    "$tmp/json/fleet.kmsg.d"
echo 'record A { x: Nope }' > "$tmp/bad.kmsg"
check "a bad schema gives no page" eval '! "$KMSGC" --docs -o "$tmp/bad" "$tmp/bad.kmsg" &&
    test ! -e "$tmp/bad/bad.kmsg.md"'

# ---- hostile text ----
cat > "$tmp/hostile.kmsg" <<'END'
/// <script>alert(1)</script> &lt; <!-- | \| ``` `
/// # no heading
///     no code
/// ===
/// ---
/// ~~~
/// 1. no list
/// > no quote
/// [x](javascript:alert(1)) ![y](z) <img src=x onerror=alert(1)>
/// - an item
module hostile;
const TEXT: string = "<b>|`\\|`\n</b>";
record A {
    /// one | two \| three `|` <script>
    /// | --- | </td></tr></table>
    a: string = "|`<script>";
    /// \
    b: i32
}
enum E {
    /// | <script> \
    X
}
service S {
    /// <script>
    m(
        /// |<script>|
        x: string = "|"
    )
}
END
check "hostile text is taken" "$KMSGC" --docs --json-schema -o "$tmp" "$tmp/hostile.kmsg"
page=$tmp/hostile.kmsg.md
check "no tag but our anchors" eval \
    '! sed "s/<a id=\"[A-Za-z.]*\"><\/a>//g" "$page" | sed "s/\`[^\`]*\`//g" | grep "[<>]"'
check "no link but to declarations" eval \
    '! sed "s/[\\\\][][]//g; s/\](#[A-Za-z.]*)//g" "$page" | grep "\]("'
check "no heading, rule, fence or quote in text" test "$(grep -c '^[#=~>`-]' "$page")" = \
    "$(grep -c -e '^#* \(hostile\|Services\|Records\|Enums\|Constants\|S\|m\|A\|E\)$' \
        -e '^- an item$' -e '^`m(' "$page")"
check "each row has the cells of its table" awk -F'|' '
    !/^\|/                 { cells = 0; next }
    cells && NF != cells   { print FILENAME ":" NR ": " NF " cells, not " cells; bad = 1 }
                           { cells = NF; rows++ }
    END                    { exit bad || rows < 12 }' "$page"
check "the JSON is JSON" $accepts "$tmp/hostile.kmsg.schema.json"
check "... with the text as it was" perl -MJSON::PP -0777 -e '
    my $d = decode_json(<>)->{q($defs)}{q(hostile.A)}{properties};
    exit !($d->{a}{default} eq q(|`<script>) && $d->{b}{description} eq q(\\)
        && $d->{a}{description} =~ /^one \| two \\\| three `\|` <script>\n/)' \
    "$tmp/hostile.kmsg.schema.json"

awk 'BEGIN { for (i = 0; i < 300000; i++) print "/// <|>"; print "record A { x: i32 }" }' \
    > "$tmp/long.kmsg"
check "a doc comment of 300000 lines" timeout 20 "$KMSGC" --docs --json-schema -o "$tmp" \
    "$tmp/long.kmsg"
awk 'BEGIN { print "service S0 { m(); }"
    for (i = 1; i < 5000; i++) printf "service S%d : S%d { }\n", i, i - 1 }' > "$tmp/bases.kmsg"
check "five thousand services, each based on the last" timeout 20 "$KMSGC" --docs -o "$tmp" \
    "$tmp/bases.kmsg"

# ---- the examples of idl/json.md ----
awk -v tmp="$tmp" '/^```kmsg$/ { file = tmp "/shop.kmsg"; next }
    /^```json/ { file = tmp "/" $2 ($3 == "" ? "-written" : "-" $3) ($4 == "" ? "" : "-late")
        file = file ".lines"; next }
    /^```/     { file = ""; next }
    file != "" { print > file }' idl/json.md
check "the schema of the page" "$KMSGC" --json-schema -o "$tmp" "$tmp/shop.kmsg"
check "... is whole" $accepts "$tmp/shop.kmsg.schema.json"
for lines in "$tmp"/*.lines; do
    name=$(basename "$lines" .lines)
    case $name in
        *-refused) wanted=no ;;
        *)         wanted=yes ;;
    esac
    check "examples: $name" $accepts "$tmp/shop.kmsg.schema.json" "shop.${name%%-*}" $wanted "$lines"
done
check "there are examples of each sort" test "$(ls "$tmp"/*.lines | wc -l)" = 15
finish
