/* json.js -- values of decoder.js as JSON has them, by idl/json.md: the tree that JSON.parse()
 * would make of what a writer writes. An `any` stays in its bytes.
 */
'use strict';

/* ---- times ----------------------------------------------------------------------------------- */

const SECOND = 1000000000n;

/* With 0, 3, 6 or 9 digits, the fewest that hold it. */
function fraction(ns) {
    const digits = ns.toString().padStart(9, '0').replace(/(000){1,3}$/, '');
    return digits === '' ? '' : '.' + digits;
}

function duration(ns) {
    const size = ns < 0n ? -ns : ns;
    return `${ns < 0n ? '-' : ''}${size / SECOND}${fraction(size % SECOND)}s`;
}

function timestamp(ns) {
    const part = (ns % SECOND + SECOND) % SECOND;
    const date = new Date(Number((ns - part) / SECOND) * 1000);
    return date.toISOString().replace('.000Z', `${fraction(part)}Z`);
}

/* ---- values ---------------------------------------------------------------------------------- */

function uuid(bytes) {
    return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function number(value) {
    return Number.isFinite(value) ? value : String(value);
}

class Writer {
    constructor() {
        this.objects = new Map();
    }

    record(type, value) {
        const members = {};
        for (const {name, type: of, reserved} of type.fields) {
            const part = value[name] ?? null;
            if (!reserved && (part !== null || of.kind === 'union' || of.kind === 'any')) {
                members[name] = this.value(of, part);
            }
        }
        return members;
    }

    map(type, entries) {
        const [key, value] = type.fields;
        const pairs = entries.map((entry) =>
            [this.value(key.type, entry.key), this.value(value.type, entry.value)]);
        return key.type.kind === 'string' ? Object.fromEntries(pairs) : pairs;
    }

    union(value) {
        if (value === null) {
            return {};
        }
        return value.member === undefined ? {[value.number]: value.unknown.toString('base64')}
            : {[value.member.name]: this.value(value.member.type, value.value)};
    }

    /* Whole where it is first met; that it has a number is known when another mention is met. */
    ref(type, value) {
        if (value === null) {
            return null;
        }
        const {object} = value;
        if (!this.objects.has(object)) {
            const node = {};
            this.objects.set(object, {node, mentions: []});
            return Object.assign(node, this.record(type.record, object.value));
        }
        const mention = {};
        this.objects.get(object).mentions.push(mention);
        return mention;
    }

    numberObjects() {
        let last = 0;
        for (const {node, mentions} of this.objects.values()) {
            if (mentions.length > 0) {
                node.$id = ++last;
                mentions.forEach((mention) => Object.assign(mention, {$ref: last}));
            }
        }
    }

    value(type, value) {
        switch (type.kind) {
        case 'i64':
        case 'u64': return value.toString();
        case 'f32': return Number.isFinite(value) ? new Single(value) : String(value);
        case 'f64': return number(value);
        case 'rune': return String.fromCodePoint(value);
        case 'uuid': return uuid(value);
        case 'timestamp': return timestamp(value);
        case 'duration': return duration(value);
        case 'bytes':
        case 'address': return value.toString('base64');
        case 'any': return value === null ? {}
            : {type: value.name, bytes: value.message.toString('base64')};
        case 'enum': return type.numbers.get(value) ?? value;
        case 'list':
        case 'set':
        case 'array': return value.map((item) => this.value(type.item, item));
        case 'map': return this.map(type, value);
        case 'record':
        case 'fixed': return this.record(type, value);
        case 'union': return this.union(value);
        case 'ref': return this.ref(type, value);
        default: return value;
        }
    }
}

/* An f32 is written with as many digits as bring it back as an f32. */
class Single {
    constructor(value) {
        this.value = value;
    }
}

/* The JSON of a record's value. */
function toJson(type, value) {
    const writer = new Writer();
    const json = writer.record(type, value);
    writer.numberObjects();
    return json;
}

/* Where two JSON values differ, as a path; null where they are equal. `ours` may hold Singles. */
function difference(ours, theirs, path = '') {
    if (ours instanceof Single) {
        return Object.is(Math.fround(theirs), ours.value) ? null : path;
    }
    if ([ours, theirs].some((side) => typeof side !== 'object' || side === null)) {
        return Object.is(ours, theirs) ? null : path;
    }
    if (Array.isArray(ours) !== Array.isArray(theirs)) {
        return path;
    }
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
        const here = `${path}.${key}`;
        if (!Object.hasOwn(ours, key) || !Object.hasOwn(theirs, key)) {
            return here;
        }
        const found = difference(ours[key], theirs[key], here);
        if (found !== null) {
            return found;
        }
    }
    return null;
}

module.exports = {toJson, difference};
