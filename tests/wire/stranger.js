/* stranger.js -- decodes what kmsg has decoded, and says where the two do not agree.
 *
 *     node tests/wire/stranger.js VECTORS
 *
 * tests/wire/stranger_test.c writes VECTORS: a line each, with tabs between
 *     the file of the schema, the record, the message in hex, what kmsg made of it
 * which is the value as JSON, `taken` where it has no JSON, or `refused`. The last line is the
 * number of vectors. Exit 1 when there was a disagreement; the first ones are shown.
 */
'use strict';

const fs = require('node:fs');
const {readSchema} = require('./schema.js');
const {decode, Refused} = require('./decoder.js');
const {toJson, difference} = require('./json.js');

const SHOWN_MAX = 10;

const schemas = new Map();

function typeOf(path, name) {
    if (!schemas.has(path)) {
        schemas.set(path, readSchema(fs.readFileSync(path, 'utf8')));
    }
    return schemas.get(path).record(name);
}

/* What is wrong, or null. */
function judge(path, name, hex, theirs) {
    const type = typeOf(path, name);
    let value;
    try {
        value = decode(type, Buffer.from(hex, 'hex'));
    } catch (error) {
        if (!(error instanceof Refused)) {
            throw error;
        }
        return theirs === 'refused' ? null : `refused here (${error.message}), there ${theirs}`;
    }
    const ours = toJson(type, value);
    if (theirs === 'refused') {
        return `refused there, here ${JSON.stringify(ours)}`;
    }
    if (theirs === 'taken') {
        return null;
    }
    const at = difference(ours, JSON.parse(theirs));
    return at === null ? null : `they differ at ${at}:\n${JSON.stringify(ours)}\n${theirs}`;
}

function main(path) {
    const lines = fs.readFileSync(path, 'utf8').trimEnd().split('\n');
    const count = Number(lines.pop());
    let wrong = 0;
    for (const line of lines) {
        const [schema, name, hex, theirs] = line.split('\t');
        const found = judge(schema, name, hex, theirs);
        if (found !== null && wrong++ < SHOWN_MAX) {
            console.log(`${schema} ${name} ${hex}\n${found}`);
        }
    }
    console.log(`${lines.length} vectors, ${wrong} disagreements`);
    process.exitCode = wrong > 0 || lines.length !== count || count === 0 ? 1 : 0;
}

main(process.argv[2]);
