/* noise_stranger.js -- one side of a Noise conversation, spoken by somebody else's implementation:
 * the npm package noise-handshake, over sodium-javascript, which has nothing from libsodium.
 *
 *     node tests/wire/noise_stranger.js FOLDER ROLE PATTERN SECRET PROLOGUE [PSK]
 *
 * FOLDER is where npm has installed the two. ROLE is `initiator` or `responder`; the secret and the
 * psk are 32 bytes in hex, the prologue is text. It reads messages from stdin and writes them to
 * stdout, each with its size in front: 2 bytes, little endian.
 *
 * The payloads of the handshake are "message 0", "message 1" and so on, in both directions; others
 * are an error. Behind it comes one message of its own: the hash of the handshake, and what it
 * takes for the other's static key. From there on it answers each message with its bytes in the
 * reverse order, until stdin ends. tests/wire/noise_stranger_test.c is the other side.
 */
'use strict';

const fs = require('node:fs');
const Module = require('node:module');

const [folder, role, pattern, secret, prologue, psk] = process.argv.slice(2);

/* noise-handshake asks for libsodium's bindings, and is given the same functions without it. */
const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
    return resolve.call(this, name === 'sodium-native' ? 'sodium-javascript' : name, ...rest);
};
const theirs = Module.createRequire(`${fs.realpathSync(folder)}/node_modules/`);
const Noise = theirs('noise-handshake');
const Cipher = theirs('noise-handshake/cipher');
const curve = theirs('noise-handshake/dh');

/* `size` bytes of stdin; null at its end. */
function readBytes(size) {
    const bytes = Buffer.alloc(size);
    let at = 0;
    while (at < size) {
        const n = fs.readSync(0, bytes, at, size - at);
        if (n === 0) {
            return null;
        }
        at += n;
    }
    return bytes;
}

function readMessage() {
    const size = readBytes(2);
    return size === null ? null : readBytes(size.readUInt16LE(0));
}

function writeMessage(message) {
    const framed = Buffer.concat([Buffer.alloc(2), message]);
    framed.writeUInt16LE(message.length, 0);
    for (let at = 0; at < framed.length;) {
        at += fs.writeSync(1, framed, at);
    }
}

function shakeHands(noise) {
    for (let turn = 0; !noise.complete; turn++) {
        const payload = `message ${turn}`;
        if ((turn % 2 === 0) === (role === 'initiator')) {
            writeMessage(noise.send(Buffer.from(payload)));
            continue;
        }
        const heard = Buffer.from(noise.recv(readMessage())).toString();
        if (heard !== payload) {
            throw new Error(`the payload is '${heard}' and not '${payload}'`);
        }
    }
}

function main() {
    const noise = new Noise(pattern, role === 'initiator',
        curve.generateKeyPair(Buffer.from(secret, 'hex')),
        psk === undefined ? {} : {psk: Buffer.from(psk, 'hex')});
    noise.initialise(Buffer.from(prologue));
    shakeHands(noise);
    const out = new Cipher(noise.tx);
    const inward = new Cipher(noise.rx);
    writeMessage(out.encrypt(Buffer.concat([noise.hash, noise.rs])));
    for (let message = readMessage(); message !== null; message = readMessage()) {
        writeMessage(out.encrypt(Buffer.from(inward.decrypt(message)).reverse()));
    }
}

main();
