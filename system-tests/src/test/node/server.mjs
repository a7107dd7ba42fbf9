// Elastic's mock of an OpAMP server as a program: node server.mjs FOLDER. FOLDER holds ca.pem (whose certificates it wants from agents), cert.pem and
// key.pem, and config.json, the map that it offers: {key: {"contentType": ..., "body": base64}}. Writes its port, then one line of JSON for each
// message, and ends when its input ends.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import mock from '@elastic/mockopampserver';

const folder = process.argv[2];
const pem = (name) => readFileSync(join(folder, name));
const configMap = {};
for (const [key, entry] of Object.entries(JSON.parse(pem('config.json')))) {
    configMap[key] = {contentType: entry.contentType, body: Buffer.from(entry.body, 'base64')};
}
const server = new mock.MockOpAMPServer({
    logLevel: 'fatal',
    hostname: '127.0.0.1',
    port: 0,
    ca: pem('ca.pem'),
    cert: pem('cert.pem'),
    key: pem('key.pem'),
    requestCert: true,
    agentConfigMap: {configMap},
    testMode: true,
});
const say = (what) =>
    process.stdout.write(
        JSON.stringify(what, (_, value) =>
            typeof value === 'bigint'
                ? Number(value)
                : value instanceof Uint8Array || value?.type === 'Buffer'
                  ? Buffer.from(value.data ?? value).toString('hex')
                  : value,
        ) + '\n',
    );
await server.start();
say({port: Number(new URL(server.endpoint).port)});

// It keeps what it heard in a list; whoever reads our output wants it at once.
const keep = server._testNoteRequest.bind(server);
server._testNoteRequest = (what) => {
    keep(what);
    say({method: what.req.method, sent: what.a2s, heard: what.s2a, error: what.err && String(what.err)});
};
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
