/* schema.js -- .kmsg text to types: what a decoder has to know of the language, and no more.
 *
 *     const schema = readSchema(text);
 *     schema.record('Person')     the type of a record, as it is described below
 *
 * Made from idl/language.md and idl/wire.md alone, to find out whether a stranger can. It is no
 * second front end: a schema is taken to be right (kmsgc has seen it), it has no imports, and
 * services, topics and machines are skipped.
 *
 * A type is an object: {kind, low, high, pattern, ...}. What kinds have besides:
 *   enum                   numbers (a Map of number to name), closed
 *   list, set, array, map  item; count (array); key and value, as the fields of `layout` (map)
 *   record, fixed, union   name, fields: [{number, name, type, optional, initial, reserved}]
 *   ref                    record
 * The words of the plain kinds are those of the language: 'u8', 'string' and so on.
 */
'use strict';

const TOKENS = new RegExp([
    /(?<space>\s+|\/\/[^\n]*|\/\*[^]*?\*\/)/,
    /(?<string>"(?:[^"\\]|\\[^])*")/,
    /(?<duration>\d[\d_]*(?:ns|us|ms|min|s|h)\b)/,
    /(?<float>\d[\d_]*(?:\.\d[\d_]*(?:[eE][-+]?\d+)?|[eE][-+]?\d+))/,
    /(?<int>0x[\da-fA-F_]+|0b[01_]+|\d[\d_]*)/,
    /(?<name>[A-Za-z][A-Za-z0-9_]*)/,
    /(?<mark>\.\.|->|[^\s])/,
].map((r) => r.source).join('|'), 'gy');

const PLAIN = new Set(['bool', 'i8', 'i16', 'i32', 'i64', 'u8', 'u16', 'u32', 'u64', 'f32', 'f64',
    'rune', 'uuid', 'timestamp', 'duration', 'string', 'bytes', 'address', 'any']);

const UNITS = {
    ns: 1n, us: 1000n, ms: 1000000n, s: 1000000000n, min: 60000000000n, h: 3600000000000n,
};

const ESCAPES = {n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\'};

function unquote(text) {
    return text.slice(1, -1).replace(/\\(?:u\{([\da-fA-F]+)\}|(.))/g,
        (all, code, sign) => (code ? String.fromCodePoint(parseInt(code, 16)) : ESCAPES[sign]));
}

function tokenize(text) {
    const tokens = [];
    for (const match of text.matchAll(TOKENS)) {
        const [kind, word] = Object.entries(match.groups).find(([, found]) => found !== undefined);
        if (kind !== 'space') {
            tokens.push({kind, word});
        }
    }
    return tokens;
}

/* ---- text to declarations, by the grammar of the language ------------------------------------ */

class Parser {
    constructor(text) {
        this.tokens = tokenize(text);
        this.at = 0;
        this.decls = new Map();
    }

    is(word, ahead = 0) {
        const token = this.tokens[this.at + ahead];
        return token !== undefined && token.kind !== 'string' && token.word === word;
    }

    take(word) {
        if (!this.is(word)) {
            return false;
        }
        this.at++;
        return true;
    }

    need(word) {
        if (!this.take(word)) {
            throw new Error(`schema: wanted '${word}' at '${this.tokens[this.at]?.word}'`);
        }
    }

    next(kind) {
        const token = this.tokens[this.at++];
        if (token?.kind !== kind) {
            throw new Error(`schema: wanted ${kind} at '${token?.word}'`);
        }
        return token.word;
    }

    dotted() {
        let name = this.next('name');
        while (this.take('.')) {
            name += '.' + this.next('name');
        }
        return name;
    }

    number() {
        return BigInt(this.next('int').replace(/_/g, ''));
    }

    /* A number as number or BigInt, a string as {text}, a word as {name}. */
    value() {
        const sign = this.take('-') ? -1 : 1;
        const {kind, word} = this.tokens[this.at];
        switch (kind) {
        case 'int': return BigInt(sign) * this.number();
        case 'float': return sign * Number(this.next('float').replace(/_/g, ''));
        case 'duration': {
            const [, digits, unit] = /^([\d_]+)(\w+)$/.exec(this.next('duration'));
            return BigInt(sign) * BigInt(digits.replace(/_/g, '')) * UNITS[unit];
        }
        case 'string': return {text: unquote(this.next('string'))};
        default: return word === 'true' || word === 'false' ? this.next('name') === 'true'
            : {name: this.dotted()};
        }
    }

    limit() {
        if (this.take('..')) {
            return {high: this.value()};
        }
        const low = this.value();
        if (!this.take('..')) {
            return {low, high: low};
        }
        return this.is(')') || this.is(',') ? {low} : {low, high: this.value()};
    }

    base() {
        const name = this.dotted();
        if (!['list', 'set', 'map', 'ref'].includes(name) || !this.take('<')) {
            return {name};
        }
        const parts = [this.type()];
        while (this.take(',')) {
            parts.push(this.type());
        }
        this.need('>');
        return {name, parts};
    }

    type() {
        const type = {...this.base(), counts: [], limits: [], optional: false};
        for (;;) {
            if (this.take('[')) {
                type.counts.push(this.value());
                this.need(']');
            } else if (this.take('(')) {
                do {
                    type.limits.push(this.limit());
                } while (this.take(','));
                this.need(')');
            } else {
                type.optional = this.take('?');
                return type;
            }
        }
    }

    reserved(fields) {
        do {
            const number = Number(this.number());
            if (this.take(':')) {
                fields.push({number, name: '', type: this.type(), reserved: true});
            }
        } while (this.take(','));
    }

    fields() {
        const fields = [];
        let last = 0;
        this.need('{');
        while (!this.take('}')) {
            if (this.is('reserved') && this.tokens[this.at + 1].kind === 'int') {
                this.next('name');
                this.reserved(fields);
            } else {
                const number = this.tokens[this.at].kind === 'int' ? Number(this.number())
                    : last + 1;
                const field = {number, name: this.next('name'), reserved: false};
                this.need(':');
                field.type = this.type();
                field.initial = this.take('=') ? this.value() : undefined;
                fields.push(field);
                last = number;
            }
            this.take(';');
        }
        return fields.sort((a, b) => a.number - b.number);
    }

    members() {
        const numbers = new Map();
        let last = -1n;
        this.need('{');
        while (!this.take('}')) {
            const name = this.next('name');
            last = this.take('=') ? this.value() : last + 1n;
            numbers.set(Number(last), name);
            if (!this.take(',')) {
                this.take(';');
            }
        }
        return numbers;
    }

    /* To the end of a declaration that no message knows. */
    skip() {
        for (let depth = 0; this.at < this.tokens.length; this.at++) {
            depth += this.is('{') - this.is('}');
            if (depth === 0 && (this.is('}') || this.is(';'))) {
                this.at++;
                return;
            }
        }
    }

    decl() {
        const closed = this.take('closed');
        const fixed = this.take('fixed');
        const word = this.next('name');
        const name = ['enum', 'record', 'error', 'union', 'alias', 'const'].includes(word)
            ? this.next('name') : '';
        switch (word) {
        case 'enum': return {is: 'enum', name, closed, numbers: this.members()};
        case 'record':
        case 'error': return {is: fixed ? 'fixed' : 'record', name, fields: this.fields()};
        case 'union': return {is: 'union', name, fields: this.fields()};
        case 'alias': this.need('='); return {is: 'alias', name, type: this.type()};
        case 'const': this.need(':'); this.type(); this.need('=');
            return {is: 'const', name, value: this.value()};
        default: this.skip(); return {is: word, name};
        }
    }

    file() {
        while (this.at < this.tokens.length) {
            if (!this.take(';')) {
                const decl = this.decl();
                this.decls.set(decl.name, decl);
            }
        }
        return this.decls;
    }
}

/* ---- declarations to types ------------------------------------------------------------------- */

class Schema {
    constructor(text) {
        this.decls = new Parser(text).file();
        this.types = new Map();
    }

    /* `shop.Item` is an Item: all is in one file. */
    find(name) {
        const decl = this.decls.get(name.split('.').pop());
        if (decl === undefined) {
            throw new Error(`schema: nothing is called '${name}'`);
        }
        return decl;
    }

    /* A member of an enum goes by its word alone, where one is wanted. */
    value(value, type) {
        if (typeof value !== 'object') {
            return type?.kind === 'f32' ? Math.fround(Number(value)) : value;
        }
        if (value.text !== undefined) {
            return value.text;
        }
        if (type?.kind === 'enum') {
            for (const [number, word] of type.numbers) {
                if (word === value.name) {
                    return number;
                }
            }
        }
        return this.value(this.find(value.name).value, type);
    }

    limited(type, limits) {
        for (const {low, high} of limits) {
            const value = this.value(low ?? high, type);
            if (typeof value === 'string') {
                type.pattern = expression(value);
            } else {
                type.low = low === undefined ? type.low : this.value(low, type);
                type.high = high === undefined ? type.high : this.value(high, type);
            }
        }
        return type;
    }

    named(name) {
        if (PLAIN.has(name)) {
            return {kind: name};
        }
        const decl = this.find(name);
        if (decl.is === 'alias') {
            return this.type(decl.type);
        }
        if (!this.types.has(decl)) {
            const type = decl.is === 'enum' ? {kind: 'enum', ...decl}
                : {kind: decl.is, name: decl.name};
            this.types.set(decl, type);
            if (decl.fields !== undefined) {
                type.fields = decl.fields.map((field) => this.field(field));
            }
        }
        return this.types.get(decl);
    }

    base({name, parts}) {
        switch (parts && name) {
        case 'list':
        case 'set': return {kind: name, item: this.type(parts[0])};
        case 'map': return {kind: 'map', fields: [
            {number: 1, name: 'key', type: this.type(parts[0])},
            {number: 2, name: 'value', type: this.type(parts[1])}]};
        case 'ref': return {kind: 'ref', record: this.named(parts[0].name)};
        default: return this.named(name);
        }
    }

    /* As in C, T[2][3] is two times three. */
    type({name, parts, limits, counts}) {
        let type = this.base({name, parts});
        if (limits.length > 0) {
            type = this.limited({...type}, limits);
        }
        for (const count of [...counts].reverse()) {
            type = {kind: 'array', item: type, count: Number(this.value(count))};
        }
        return type;
    }

    field({number, name, type: written, initial, reserved}) {
        const type = this.type(written);
        return {number, name, type, optional: written.optional, reserved,
            initial: initial === undefined ? undefined : this.value(initial, type)};
    }

    record(name) {
        return this.named(name);
    }
}

/* What JavaScript has otherwise: \s is more than ASCII, a dot is no end of line. */
function expression(pattern) {
    let inside = false;
    const space = '\\t\\n\\v\\f\\r ';
    const ascii = pattern.replace(/\\[^]|[[\]]/g, (sign) => {
        inside = sign === '[' || (inside && sign !== ']');
        return sign !== '\\s' && sign !== '\\S' ? sign
            : inside ? space : `[${sign === '\\S' ? '^' : ''}${space}]`;
    });
    return new RegExp(`^(?:${ascii})$`, 'su');
}

module.exports = {readSchema: (text) => new Schema(text)};
