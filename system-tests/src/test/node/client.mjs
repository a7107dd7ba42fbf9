// Elastic's OpAMP client as a program: node client.mjs ENDPOINT FOLDER. FOLDER holds ca.pem and, unless it is to come without, cert.pem and
// key.pem. Writes one line of JSON for each answer and each failure, and ends when its input ends.
import {channel} from 'node:diagnostics_channel';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {
    AgentCapabilities,
    DIAG_CH_SEND_FAIL,
    DIAG_CH_SEND_SUCCESS,
    RemoteConfigStatuses,
    createOpAMPClient,
} from '@elastic/opamp-client-node';

const [endpoint, folder] = process.argv.slice(2);
const pem = (name) => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file) : undefined;
};
const say = (what) =>
    process.stdout.write(
        JSON.stringify(what, (_, value) =>
            typeof value === 'bigint' ? Number(value) : value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
        ) + '\n',
    );

const client = createOpAMPClient({
    endpoint,
    connect: {ca: pem('ca.pem'), cert: pem('cert.pem'), key: pem('key.pem')},
    heartbeatIntervalSeconds: 0.1,
    diagEnabled: true,
    capabilities:
        AgentCapabilities.AgentCapabilities_AcceptsRemoteConfig | AgentCapabilities.AgentCapabilities_ReportsRemoteConfig,
    onMessage: ({remoteConfig}) => {
        if (remoteConfig) {
            say({config: Object.keys(remoteConfig.config?.configMap ?? {})});
            client.setRemoteConfigStatus({
                status: RemoteConfigStatuses.RemoteConfigStatuses_APPLIED,
                lastRemoteConfigHash: remoteConfig.configHash,
            });
        }
    },
});
channel(DIAG_CH_SEND_SUCCESS).subscribe(({a2s, s2a}) => say({sent: a2s, heard: s2a}));
channel(DIAG_CH_SEND_FAIL).subscribe(({err}) => say({failed: String(err)}));
client.setAgentDescription({
    identifyingAttributes: {'service.name': 'edot-node', 'service.version': '1.2.3'},
    nonIdentifyingAttributes: {'os.type': 'linux', 'host.name': 'db7'},
});
client.start();

// Its own timers do not keep a program alive; our input does.
process.stdin.resume();
process.stdin.on('end', async () => {
    await client.shutdown();
    process.exit(0);
});
