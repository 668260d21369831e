/* decoder.js -- messages to values, all of it checked.
 *
 *     const value = decode(schema.record('Person'), bytes);     throws Refused
 *
 * Made from idl/wire.md alone; read it first, the words here are those of that page. What is not in
 * the page is not here, and the tests compare this decoder with the one that kmsg has.
 *
 * Values: numbers are numbers, those of 64 bits BigInt; text is a string; bytes, address and uuid
 * are Buffers; lists, sets and T[N] are arrays; maps are arrays of {key, value}; records are
 * objects without what is absent; a union is {number, member, value}, or {number, unknown}, or
 * null; an any is {name, message} or null; a ref is {object}, which has {value}, or null. Refs to
 * one object have one and the same `object`.
 */
'use strict';

const ABSENT = 0xffffffff;
const DEPTH_MAX = 64;
const MESSAGE_MAX = 2 ** 30;
const TOO_MUCH = 'bytes behind the tails';

class Refused extends Error {}

function refuse(why) {
    throw new Refused(why);
}

function need(condition, why) {
    if (!condition) {
        refuse(why);
    }
}

function up(at, alignment) {
    return Math.ceil(at / alignment) * alignment;
}

/* ---- layouts --------------------------------------------------------------------------------- */

const SCALARS = {
    bool: 1, i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4, f32: 4, i64: 8, u64: 8, f64: 8, rune: 4,
    enum: 4, uuid: 16, timestamp: 8, duration: 8,
};

function isInBlock(type) {
    return type.kind in SCALARS || type.kind === 'fixed' ||
        (type.kind === 'array' && isInBlock(type.item));
}

function alignOf(type) {
    switch (type.kind) {
    case 'uuid': return 1;
    case 'fixed': return layoutOf(type).align;
    case 'array': return alignOf(type.item);
    default: return SCALARS[type.kind];
    }
}

function sizeOf(type) {
    switch (type.kind) {
    case 'fixed': return up(layoutOf(type).block, alignOf(type));
    case 'array': return type.count * sizeOf(type.item);
    default: return SCALARS[type.kind];
    }
}

/* {block, align, scalars: [{field, at, end}], variables: [field]} of a row that holds the fields of
 * `type`; remembered there. */
function layoutOf(type) {
    if (type.layout === undefined) {
        const layout = {block: 0, align: 1, scalars: [], variables: []};
        for (const field of type.fields) {
            if (!isInBlock(field.type)) {
                layout.variables.push(field);
                continue;
            }
            const align = alignOf(field.type);
            const at = up(layout.block, align);
            layout.block = at + sizeOf(field.type) + (field.optional ? 1 : 0);
            layout.align = Math.max(layout.align, align);
            layout.scalars.push({field, at, end: layout.block, align});
        }
        if (layout.variables.length > 0) {
            layout.align = Math.max(layout.align, 4);
        }
        type.layout = layout;
    }
    return type.layout;
}

/* The item of a list or T[N] that is no record is the only field of a row. */
function rowType(type) {
    if (type.kind === 'map') {
        return type;
    }
    if (type.item.kind === 'record') {
        return type.item;
    }
    type.row ??= {fields: [{number: 1, name: 'item', type: type.item, optional: false}]};
    return type.row;
}

/* Can a value of this type hold one of `target`, other than by a ref? */
function holds(type, target, seen) {
    if (type === target || seen.has(type)) {
        return type === target;
    }
    seen.add(type);
    return type.kind !== 'ref' && [type.item, ...(type.fields ?? []).map((field) => field.type)]
        .some((part) => part !== undefined && holds(part, target, seen));
}

function isRecursive(type) {
    type.recursive ??= type.name !== undefined &&
        type.fields.some((field) => holds(field.type, type, new Set()));
    return type.recursive;
}

/* ---- defaults -------------------------------------------------------------------------------- */

/* A T[N] in the block is all zero, whatever its items have for defaults. */
function zero(type, inArray) {
    switch (type.kind) {
    case 'bool': return false;
    case 'i64':
    case 'u64':
    case 'timestamp':
    case 'duration': return 0n;
    case 'uuid': return Buffer.alloc(16);
    case 'string': return '';
    case 'bytes':
    case 'address': return Buffer.alloc(0);
    case 'list':
    case 'set':
    case 'map': return [];
    case 'any':
    case 'union':
    case 'ref': return null;
    case 'array': return Array.from({length: type.count},
        () => zero(type.item, inArray || isInBlock(type)));
    case 'record': return recordOfDefaults(type);
    case 'fixed': return inArray ? recordOf(type, ({type: of}) => zero(of, true))
        : recordOfDefaults(type);
    default: return 0;
    }
}

function initialOf({type, initial, optional}) {
    if (optional) {
        return undefined;
    }
    if (initial === undefined) {
        return zero(type);
    }
    return typeof zero(type) === 'bigint' || typeof initial !== 'bigint' ? initial
        : Number(initial);
}

function recordOf(type, valueOf) {
    const value = {};
    for (const field of type.fields) {
        put(value, field, valueOf(field));
    }
    return value;
}

function recordOfDefaults(type) {
    return recordOf(type, initialOf);
}

function put(value, field, found) {
    if (found !== undefined && !field.reserved) {
        value[field.name] = found;
    }
}

/* ---- limits, order --------------------------------------------------------------------------- */

/* NaN is neither below nor above, but keeps to none. */
function checkLimits(type, measure, text) {
    need(type.low === undefined || measure >= type.low, `below ${type.low}`);
    need(type.high === undefined || measure <= type.high, `above ${type.high}`);
    need(type.pattern === undefined || type.pattern.test(text), `not of ${type.pattern}`);
}

function compareNumbers(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
}

function compare(type, a, b) {
    switch (type.kind) {
    case 'string': return Buffer.compare(Buffer.from(a), Buffer.from(b));
    case 'address': return Buffer.compare(a.subarray(0, 16), b.subarray(0, 16));
    case 'bytes':
    case 'uuid': return Buffer.compare(a, b);
    case 'array': return a.reduce((r, item, i) => r || compare(type.item, item, b[i]), 0);
    case 'fixed': return type.fields.reduce((r, field) => r || (field.reserved ? 0
        : compare(field.type, a[field.name], b[field.name])), 0);
    default: return compareNumbers(a, b);
    }
}

function checkOrder(type, keys) {
    for (let i = 1; i < keys.length; i++) {
        need(compare(type, keys[i - 1], keys[i]) < 0, 'not in ascending order');
    }
}

/* ---- the decoder ----------------------------------------------------------------------------- */

class Decoder {
    constructor(bytes) {
        this.bytes = bytes;
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        this.depth = 0;
        this.other = false;
        this.refs = 0;
        this.objects = [];
        this.met = [];
    }

    u32(at, end) {
        need(at + 4 <= end, 'ends too early');
        return this.view.getUint32(at, true);
    }

    /* Padding. */
    zeros(from, to) {
        for (let i = from; i < to; i++) {
            need(this.bytes[i] === 0, `padding at ${i}`);
        }
    }

    /* From here on at a multiple of `alignment`; a tail that is there holds more than padding. */
    pad(at, alignment, end) {
        const to = up(at, alignment);
        need(to < end, 'ends in its padding');
        this.zeros(at, to);
        return to;
    }

    /* Only what can contain itself is a level. */
    deeper(type, read) {
        const level = isRecursive(type) ? 1 : 0;
        this.depth += level;
        need(this.depth <= DEPTH_MAX, 'too deep');
        const value = read();
        this.depth -= level;
        return value;
    }

    /* ---- what stands in the block ---- */

    scalar(type, at) {
        const {view} = this;
        switch (type.kind) {
        case 'bool': need(this.bytes[at] <= 1, 'not a bool'); return this.bytes[at] === 1;
        case 'i8': return view.getInt8(at);
        case 'u8': return view.getUint8(at);
        case 'i16': return view.getInt16(at, true);
        case 'u16': return view.getUint16(at, true);
        case 'i32': return view.getInt32(at, true);
        case 'u32':
        case 'rune': return view.getUint32(at, true);
        case 'f32': return view.getFloat32(at, true);
        case 'f64': return view.getFloat64(at, true);
        case 'u64': return view.getBigUint64(at, true);
        case 'enum': return view.getInt32(at, true);
        case 'uuid': return this.bytes.subarray(at, at + 16);
        default: return view.getBigInt64(at, true);
        }
    }

    inBlock(type, at) {
        if (type.kind === 'fixed') {
            const layout = layoutOf(type);
            const value = this.block(layout, layout.block, at);
            this.zeros(at + layout.block, at + sizeOf(type));
            return value;
        }
        if (type.kind === 'array') {
            const step = sizeOf(type.item);
            return Array.from({length: type.count},
                (none, i) => this.inBlock(type.item, at + i * step));
        }
        const value = this.scalar(type, at);
        need(type.kind !== 'rune' || (value <= 0x10ffff && (value < 0xd800 || value > 0xdfff)),
            'not a rune');
        need(type.kind !== 'enum' || !type.closed || type.numbers.has(value), 'not in the enum');
        checkLimits(type, value);
        return value;
    }

    blockField({field, at, end}, start) {
        const there = field.optional ? this.bytes[start + end - 1] : 1;
        need(there <= 1, 'neither there nor absent');
        if (there === 0) {
            this.zeros(start + at, start + end);
            return undefined;
        }
        return this.inBlock(field.type, start + at);
    }

    /* The block of a writer, `size` bytes: what it has of our fields, defaults for the others. */
    block(layout, size, start) {
        const value = {};
        let behind = 0;
        for (const place of layout.scalars) {
            if (place.end > size) {
                put(value, place.field, initialOf(place.field));
                continue;
            }
            this.zeros(start + behind, start + place.at);
            behind = place.end;
            if (!place.field.reserved) {
                put(value, place.field, this.blockField(place, start));
            }
        }
        return value;
    }

    /* ---- rows ---- */

    /* A shape that differs is of another version: shorter or longer, but not otherwise. */
    shape(at, end, layout) {
        const word = this.u32(at, end);
        const shape = {block: word & 0xffff, count: word >>> 16 & 0x3fff,
            align: 1 << (word >>> 30)};
        const isOurs = shape.block === layout.block && shape.count === layout.variables.length;
        need(isOurs ? shape.align === layout.align : shape.count === 0 || shape.align >= 4,
            'another alignment');
        this.other ||= !isOurs;
        need(shape.block >= layout.block || shape.block === 0 ||
            layout.scalars.some((place) => place.end === shape.block), 'ends in a field');
        shape.lengths = shape.count === 0 ? shape.block : up(shape.block, 4);
        shape.size = shape.lengths + 4 * shape.count;
        return shape;
    }

    row(layout, shape, at) {
        const value = this.block(layout, shape.block, at);
        this.zeros(at + shape.block, at + shape.lengths);
        const lengths = Array.from({length: shape.count},
            (none, i) => this.view.getUint32(at + shape.lengths + 4 * i, true));
        return {value, lengths};
    }

    /* The tails of one row begin at `at`; returns where they end. */
    tails({value, lengths}, layout, at, end) {
        for (let i = 0; i < Math.max(lengths.length, layout.variables.length); i++) {
            const field = layout.variables[i];
            const length = lengths[i];
            const size = length === ABSENT ? 0 : length ?? 0;
            need(at + size <= end, 'a tail that ends too late');
            if (field === undefined || field.reserved) {
                this.other ||= size >= (field?.type.kind === 'record' ? 16 : 1);
            } else if (length === undefined) {
                put(value, field, initialOf(field));
            } else {
                put(value, field, this.variable(field, length, at));
            }
            at += size;
        }
        return at;
    }

    variable({type, optional}, length, at) {
        if (length !== ABSENT) {
            return this.tail(type, at, at + length);
        }
        need(optional || type.kind === 'ref', 'absent');
        return optional ? undefined : null;
    }

    /* From `at` to where it ends, its size first. */
    record(type, at, end) {
        return this.deeper(type, () => {
            const layout = layoutOf(type);
            need(this.u32(at, end) === end - at, 'not of its size');
            const shape = this.shape(at + 4, end, layout);
            need(at + 8 + shape.size <= end, 'a row that ends too late');
            const row = this.row(layout, shape, at + 8);
            need(this.tails(row, layout, at + 8 + shape.size, end) === end, TOO_MUCH);
            return row.value;
        });
    }

    rows(type, at, end) {
        const layout = layoutOf(type);
        const count = this.u32(at, end);
        const shape = this.shape(at + 4, end, layout);
        const stride = up(shape.size, shape.align);
        need(count > 0, 'a list of no rows');
        need(stride > 0, 'rows of no size');
        at += 8;
        need(at + count * stride <= end, 'rows that end too late');
        return this.deeper(type, () => {
            const rows = [];
            for (let i = 0; i < count; i++, at += stride) {
                rows.push(this.row(layout, shape, at));
                this.zeros(at + shape.size, at + stride);
            }
            at = rows.reduce((tail, row) => this.tails(row, layout, tail, end), at);
            need(at === end, TOO_MUCH);
            return rows.map((row) => row.value);
        });
    }

    /* ---- tails ---- */

    tail(type, at, end) {
        switch (type.kind) {
        case 'string': return this.string(type, at, end);
        case 'bytes':
        case 'address': checkLimits(type, end - at); return this.bytes.subarray(at, end);
        case 'record': return this.record(type, this.pad(at, 8, end), end);
        case 'union': return at === end ? null : this.union(type, this.pad(at, 8, end), end);
        case 'any': return at === end ? null : this.any(this.pad(at, 8, end), end);
        case 'ref': return this.ref(type, this.pad(at, 4, end), end);
        case 'array': return this.table(type, at, end);
        default: return this.list(type, at, end);
        }
    }

    string(type, at, end) {
        const size = Math.max(end - at - 1, 0);
        need(at === end || (size > 0 && this.bytes[end - 1] === 0), 'no zero byte behind a string');
        const bytes = this.bytes.subarray(at, at + size);
        need(!bytes.includes(0), 'U+0000 in a string');
        let text;
        try {
            text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
        } catch {
            refuse('not UTF-8');
        }
        checkLimits(type, size, text);
        return text;
    }

    sideBySide(type, at, end) {
        const size = sizeOf(type);
        const items = [];
        need((end - at) % size === 0, 'part of an item');
        for (; at < end; at += size) {
            items.push(this.inBlock(type, at));
        }
        return items;
    }

    list(type, at, end) {
        let items = [];
        if (at < end && type.kind !== 'map' && isInBlock(type.item)) {
            items = this.sideBySide(type.item, this.pad(at, alignOf(type.item), end), end);
        } else if (at < end) {
            items = this.rows(rowType(type), this.pad(at, 8, end), end);
            items = this.unwrap(type, items);
        }
        checkLimits(type, items.length);
        if (type.kind === 'set') {
            checkOrder(type.item, items);
        } else if (type.kind === 'map') {
            checkOrder(type.fields[0].type, items.map(({key}) => key));
        }
        return items;
    }

    unwrap(type, rows) {
        return type.kind === 'map' || type.item.kind === 'record' ? rows
            : rows.map(({item}) => item);
    }

    table(type, at, end) {
        const items = at === end ? []
            : this.unwrap(type, this.rows(rowType(type), this.pad(at, 8, end), end));
        this.other ||= items.length !== type.count;
        items.length = Math.min(items.length, type.count);
        while (items.length < type.count) {
            items.push(zero(type.item));
        }
        return items;
    }

    union(type, at, end) {
        return this.deeper(type, () => {
            need(this.u32(at, end) === end - at, 'not of its size');
            const tag = this.u32(at + 4, end);
            const number = tag & 0x7fffffff;
            const hasRefs = tag >>> 31 === 1;
            const member = type.fields.find((field) => field.number === number && !field.reserved);
            need(number !== 0, 'a member without a number');
            if (member === undefined) {
                need(!hasRefs, 'refs in a member that is not known');
                return {number, unknown: this.bytes.subarray(at + 8, end)};
            }
            const before = this.refs;
            const value = this.member(member.type, at + 8, end);
            need(hasRefs === this.refs > before || (hasRefs && this.other), 'refs, or none');
            return {number, member, value};
        });
    }

    member(type, at, end) {
        if (type.kind === 'ref' && at === end) {
            return null;
        }
        if (!isInBlock(type)) {
            return this.tail(type, at, end);
        }
        need(end - at === sizeOf(type), 'not of the size of its member');
        return this.inBlock(type, at);
    }

    any(at, end) {
        const nameSize = this.u32(at, end);
        const size = this.u32(at + 4, end);
        const behind = at + 8 + nameSize;
        need(nameSize > 0 && behind <= end, 'no name');
        const name = this.string({}, at + 8, behind);
        const message = up(behind, 8);
        need(message + size === end, 'not of its size');
        this.zeros(behind, message);
        return {name, message: this.bytes.subarray(message, end)};
    }

    /* ---- refs ---- */

    ref(type, at, end) {
        need(end - at === 4, 'not of its size');
        const number = this.u32(at, end);
        const object = this.objects[number];
        need(object !== undefined, 'a ref to no object');
        if (object.type === undefined) {
            need(number === this.met.length || this.other, 'objects in another order');
            object.type = type.record;
            this.met.push(number);
        }
        need(object.type === type.record, 'one object as two records');
        this.refs++;
        return {object};
    }

    findObjects(at) {
        const {bytes} = this;
        this.zeros(at, Math.min(up(at, 8), bytes.length));
        for (at = up(at, 8); at < bytes.length;) {
            const size = this.u32(at, bytes.length);
            const end = at + size;
            need(size >= 8 && up(end, 8) <= bytes.length, 'an object that ends too late');
            this.zeros(end, up(end, 8));
            this.objects.push({at, end});
            at = up(end, 8);
        }
        need(at === bytes.length, 'not a whole object');
    }

    readObjects() {
        for (let i = 0; i < this.met.length; i++) {
            const object = this.objects[this.met[i]];
            object.value = this.record(object.type, object.at, object.end);
        }
        need(this.met.length === this.objects.length || this.other, 'an object nothing leads to');
    }

    message(type) {
        const {bytes} = this;
        need(bytes.length <= MESSAGE_MAX, 'too large');
        const size = this.u32(0, bytes.length);
        need(size <= bytes.length, 'ends too early');
        if (size < bytes.length) {
            this.findObjects(size);
            need(this.objects.length > 0, 'bytes behind the message');
        }
        const value = this.record(type, 0, size);
        this.readObjects();
        return value;
    }
}

/* `type` is that of a record, `bytes` a Buffer. */
function decode(type, bytes) {
    return new Decoder(bytes).message(type);
}

module.exports = {decode, Refused};
