package dev.vmext.protocol.goal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.opamp.AgentConfigFile;
import dev.vmext.protocol.opamp.AgentConfigMap;
import dev.vmext.protocol.opamp.AgentRemoteConfig;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.DownloadableFile;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.PackageAvailable;
import dev.vmext.protocol.opamp.PackageType;
import dev.vmext.protocol.opamp.PackagesAvailable;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoalStateCodecTest {
    private static final Digest PACKAGE = Digest.of("package".getBytes(StandardCharsets.UTF_8));
    private static final OpampCodec CODEC = new OpampCodec(MessageLimits.STANDARD);

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void readsBackWhatItWrote(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 100; i++) {
            GoalState goal = randomGoal(random);
            assertThat(throughTheWire(goal)).isEqualTo(goal);
        }
    }

    @Test
    void readsTheFirstFormat() throws IOException {
        ServerToAgent message =
                CODEC.decodeServerToAgent(Bytes.ofHex(golden("goal.hex")).toArray());
        assertThat(GoalStateCodec.decode(Objects.requireNonNull(message.remoteConfig()), message.packagesAvailable()))
                .isEqualTo(sample());
    }

    @Test
    void writesTheFirstFormat() throws IOException {
        assertThat(entry(GoalStateCodec.encode(sample()), "manifest").body().utf8())
                .isEqualTo(golden("manifest.json"));
        assertThat(Bytes.of(CODEC.encode(envelope(sample()))).hex()).isEqualTo(golden("goal.hex"));
    }

    @Test
    void hashesDoNotDependOnTheOrderOfPackages() {
        GoalState goal = randomGoal(new Random(9));
        List<String> names = new ArrayList<>(goal.packages().keySet());
        Collections.reverse(names);
        Map<String, PackageOffer> reversed = new HashMap<>();
        for (String name : names) {
            reversed.put(name, Objects.requireNonNull(goal.packages().get(name)));
        }
        assertThat(GoalStateCodec.encode(new GoalState(goal.generation(), goal.installations(), reversed)))
                .isEqualTo(GoalStateCodec.encode(goal));
    }

    @Test
    void everyChangeOfAnEntryChangesTheHash() {
        AgentConfigMap base = map("a", "b", "c");
        assertThat(List.of(
                        GoalStateCodec.configHash(base),
                        GoalStateCodec.configHash(map("ab", "", "c")),
                        GoalStateCodec.configHash(map("a", "bc", "")),
                        GoalStateCodec.configHash(map("a", "b", "d")),
                        GoalStateCodec.configHash(new AgentConfigMap(Map.of()))))
                .doesNotHaveDuplicates();
    }

    @Test
    void configHashIsTheOneOfTheReference() {
        // SHA-256 of 00000001 "a" 00000001 "b" 00000020 SHA-256("c")
        assertThat(GoalStateCodec.configHash(map("a", "b", "c")).hex())
                .isEqualTo("669e0dbcd66c6480a4df1aa330cd0e880e82ee177c90e668c6bcfa2e60ce6741");
    }

    @Test
    void aNewSignatureIsANewOffer() {
        GoalState goal = sample();
        PackageOffer offer = Objects.requireNonNull(goal.packages().get("vmext.Firewall"));
        PackageOffer again = new PackageOffer(
                offer.extension(), offer.version(), offer.digest(), offer.size(), offer.path(), "{\"other\":1}");
        GoalState signedAgain = new GoalState(goal.generation(), goal.installations(), Map.of("vmext.Firewall", again));
        assertThat(GoalStateCodec.encode(signedAgain).packagesAvailable().allPackagesHash())
                .isNotEqualTo(GoalStateCodec.encode(goal).packagesAvailable().allPackagesHash());
        assertThat(GoalStateCodec.encode(signedAgain).remoteConfig().configHash())
                .isEqualTo(GoalStateCodec.encode(goal).remoteConfig().configHash());
    }

    @Test
    void aPackageThatIsNotOfferedYetIsMissing() {
        GoalOffer offer = GoalStateCodec.encode(sample());
        GoalState goal = GoalStateCodec.decode(offer.remoteConfig(), null);
        assertThat(goal.packages()).isEmpty();
        assertThat(goal.installations()).isEqualTo(sample().installations());
    }

    @Test
    void ignoresFieldsAndEntriesOfLaterVersions() {
        Map<String, AgentConfigFile> entries = new TreeMap<>(configMap(GoalStateCodec.encode(sample())));
        String manifest = Objects.requireNonNull(entries.get("manifest")).body().utf8();
        entries.put(
                "manifest",
                file(manifest.replace("{\"name\":", "{\"new\":[{\"a\":[1,2]}],\"name\":")
                        .replaceFirst("\\{", "{\"later\":{\"x\":null},")));
        entries.put("policy", file("not even JSON"));
        assertThat(decode(entries).installations()).isEqualTo(sample().installations());
    }

    @Test
    void effectiveConfigHasNoSettings() {
        AgentConfigMap config = Objects.requireNonNull(
                GoalStateCodec.effectiveConfig(GoalStateCodec.encode(sample()).remoteConfig())
                        .configMap());
        assertThat(config.configMap()).containsOnlyKeys("manifest");
        assertThat(config.toString()).doesNotContain("8080");
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "\"seq\":3|\"seq\":\"3\"|at /installations/0/seq: it must be a whole number",
                "\"seq\":3|\"seq\":-3|at /installations/0/seq: it is below zero",
                "\"seq\":3|\"seq\":99999999999999999999|at /installations/0/seq: the number is too large",
                "\"seq\":3|\"seq\":3,\"seq\":4|it is not valid JSON",
                "\"seq\":3,||at /installations/0: the field \"seq\" is missing",
                "\"name\":\"fw\"|\"name\":\"../fw\"|at /installations/0/name: a name has only letters",
                "\"name\":\"fw\"|\"name\":\"\"|at /installations/0/name: it is empty",
                "vmext.Firewall|vmext..Firewall|single dots",
                "\"version\":\"1.0.0.1\"|\"version\":\"..\"|at /installations/0/version",
                "\"state\":\"present\"|\"state\":\"maybe\"|at /installations/0/state: it must be present or absent",
                "\"goal\":417|\"goal\":null|at /goal: it must be a whole number",
                "\"v\":1|\"v\":2|at /v: its format 2 is not known to this version",
                "\"v\":1,||the field \"v\" is missing",
                "\"installations\":[|\"installations\":{\"a\":[|it must be an array",
                "\"packageHash\":\"sha256:|\"packageHash\":\"md5:|at /installations/0/packageHash: it must be a digest",
                "\"after\":[\"fw\"]|\"after\":[\"f/w\"]|at /installations/1/after/0",
            })
    void refusesAManifestThatDoesNotFit(String text, String replacement, String why) {
        Map<String, AgentConfigFile> entries = new TreeMap<>(configMap(GoalStateCodec.encode(sample())));
        String manifest = Objects.requireNonNull(entries.get("manifest")).body().utf8();
        assertThat(manifest).contains(text);
        entries.put("manifest", file(manifest.replace(text, replacement == null ? "" : replacement)));
        assertThatThrownBy(() -> decode(entries))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("cannot read the goal manifest")
                .hasMessageContaining(why);
    }

    @Test
    void refusesAnInstallationThatIsThereTwice() {
        GoalState goal = new GoalState(1, List.of(installation("fw", "{}"), installation("fw", "{}")), Map.of());
        assertThatThrownBy(() -> throughTheWire(goal))
                .hasMessageContaining("at /installations/1: the installation fw is there twice");
    }

    @Test
    void refusesSettingsThatAreNotThoseOfTheManifest() {
        Map<String, AgentConfigFile> entries = new TreeMap<>(configMap(GoalStateCodec.encode(sample())));
        entries.put("installation/fw/public", file("{\"port\":1}"));
        assertThatThrownBy(() -> decode(entries))
                .hasMessage("cannot read the public settings of fw: they are not those that the manifest names");
        entries.remove("installation/fw/public");
        assertThatThrownBy(() -> decode(entries))
                .hasMessage("cannot read the goal state: its entry installation/fw/public is missing");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {"[]", "\"hunter2\"", "{} {}", "{\"p\":hunter2}", "", "{\"p\":\"hunter2}", "{\"p\":1,\"p\":2}"})
    void refusesSettingsThatAreNotAnObjectWithoutQuotingThem(String settings) {
        GoalState goal = new GoalState(1, List.of(installation("fw", settings)), Map.of());
        assertThatThrownBy(() -> throughTheWire(goal))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("cannot read the public settings of fw")
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"//evil.example/x", "https://evil.example/x", "x", ""})
    void refusesAPackageAddressOutsideTheGateway(String address) {
        PackageAvailable offer = new PackageAvailable(
                PackageType.ADDON,
                "1.0.0.1",
                new DownloadableFile(address, Bytes.of(PACKAGE.hash()), Bytes.EMPTY, null),
                Bytes.EMPTY);
        AgentRemoteConfig config = GoalStateCodec.encode(sample()).remoteConfig();
        PackagesAvailable packages = new PackagesAvailable(Map.of("vmext.Firewall", offer), Bytes.EMPTY);
        assertThatThrownBy(() -> GoalStateCodec.decode(config, packages))
                .hasMessageContaining("its address is not a path on the gateway");
    }

    @Test
    void refusesToSendMoreThanTheLimits() {
        String large = "{\"a\":\"" + "x".repeat(GoalStateCodec.MAX_CONFIG_BYTES) + "\"}";
        GoalState tooLarge = new GoalState(1, List.of(installation("a", large)), Map.of());
        assertThatThrownBy(() -> GoalStateCodec.encode(tooLarge))
                .matches(e -> ((ProblemException) e).code() == ProblemCode.REQUEST_TOO_LARGE);
        List<InstallationGoal> many = new ArrayList<>();
        for (int i = 0; i <= GoalStateCodec.MAX_INSTALLATIONS; i++) {
            many.add(installation("i" + i, "{}"));
        }
        assertThatThrownBy(() -> GoalStateCodec.encode(new GoalState(1, many, Map.of())))
                .hasMessageContaining("257 installations");
    }

    @Test
    void aGoalAtTheLimitFitsIntoOneMessage() {
        List<InstallationGoal> many = new ArrayList<>();
        for (int i = 0; i < GoalStateCodec.MAX_INSTALLATIONS; i++) {
            many.add(installation("i" + i, "{\"a\":\"" + "x".repeat(3000) + "\"}"));
        }
        GoalState goal = new GoalState(1, many, Map.of());
        assertThat(throughTheWire(goal)).isEqualTo(goal);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void damagedManifestsGiveNothingButProblems(long seed) {
        Random random = new Random(seed);
        byte[] manifest =
                entry(GoalStateCodec.encode(sample()), "manifest").body().toArray();
        for (int i = 0; i < 3000; i++) {
            byte[] damaged = manifest.clone();
            for (int j = 1 + random.nextInt(3); j > 0; j--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            Map<String, AgentConfigFile> entries = new TreeMap<>(configMap(GoalStateCodec.encode(sample())));
            entries.put("manifest", new AgentConfigFile(Bytes.of(damaged), ""));
            try {
                assertThat(decode(entries).installations()).isNotNull();
            } catch (ProblemException expected) {
                assertThat(expected.detail()).startsWith("cannot read ");
            }
        }
    }

    @Test
    void termsTravel() {
        Terms terms =
                new Terms(new Order(4, Order.Kind.RETRY), Map.of("enable", Duration.ofSeconds(90)), List.of("other"));
        InstallationGoal line =
                new InstallationGoal("fw", "a.B", "1.0", PACKAGE, Presence.PRESENT, 0, List.of(), "{}", null, terms);
        GoalOffer offer = GoalStateCodec.encode(new GoalState(1, List.of(line), Map.of()));
        assertThat(GoalStateCodec.decode(offer.remoteConfig(), null).installations())
                .containsExactly(line);
    }

    private static GoalState sample() {
        InstallationGoal firewall = new InstallationGoal(
                "fw", "vmext.Firewall", "1.0.0.1", PACKAGE, Presence.PRESENT, 3, List.of(), "{\"port\": 8080}", null);
        InstallationGoal web = new InstallationGoal(
                "web",
                "vmext.CustomScript",
                "2.1.0.0",
                PACKAGE,
                Presence.ABSENT,
                0,
                List.of("fw"),
                "{}",
                new ProtectedSettings("0123456789ABCDEF0123456789ABCDEF01234567", "MIIBAA=="));
        PackageOffer offer = new PackageOffer(
                "vmext.Firewall",
                "1.0.0.1",
                PACKAGE,
                12345,
                "/v1/packages/sha256/" + PACKAGE.hex(),
                "{\"payloadType\":\"application/vnd.vmext.package.v1+json\"}");
        return new GoalState(417, List.of(firewall, web), Map.of("vmext.Firewall", offer));
    }

    private static InstallationGoal installation(String name, String settings) {
        return new InstallationGoal(name, "a.B", "1.0", PACKAGE, Presence.PRESENT, 0, List.of(), settings, null);
    }

    private static GoalState randomGoal(Random random) {
        List<InstallationGoal> installations = new ArrayList<>();
        Map<String, PackageOffer> packages = new HashMap<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            byte[] content = new byte[random.nextInt(20)];
            random.nextBytes(content);
            String extension = "pub.Ext-" + i;
            String version = random.nextInt(100) + "." + random.nextInt(100);
            List<String> after = new ArrayList<>();
            for (InstallationGoal earlier : installations) {
                if (random.nextBoolean()) {
                    after.add(earlier.name());
                }
            }
            ProtectedSettings secret = random.nextBoolean()
                    ? null
                    : new ProtectedSettings(
                            Bytes.of(Digest.of(content).hash())
                                    .hex()
                                    .toUpperCase(Locale.ROOT)
                                    .substring(0, 40),
                            "Zm9v" + i);
            installations.add(new InstallationGoal(
                    "inst_" + i,
                    extension,
                    version,
                    Digest.of(content),
                    random.nextBoolean() ? Presence.PRESENT : Presence.ABSENT,
                    random.nextLong() >>> 1,
                    after,
                    "{\"text\": \"ü\\u0000\\n😀 " + random.nextInt() + "\"}",
                    secret));
            if (random.nextInt(4) > 0) {
                packages.put(
                        extension,
                        new PackageOffer(
                                extension,
                                version,
                                Digest.of(content),
                                random.nextInt(1 << 30),
                                "/v1/packages/sha256/" + Digest.of(content).hex(),
                                "{\"s\":" + random.nextInt() + "}"));
            }
        }
        return new GoalState(random.nextLong() >>> 1, installations, packages);
    }

    private static ServerToAgent envelope(GoalState goal) {
        GoalOffer offer = GoalStateCodec.encode(goal);
        return ServerToAgent.builder(Bytes.EMPTY)
                .remoteConfig(offer.remoteConfig())
                .packagesAvailable(offer.packagesAvailable())
                .build();
    }

    private static GoalState throughTheWire(GoalState goal) {
        ServerToAgent message = CODEC.decodeServerToAgentFrame(CODEC.encodeFrame(envelope(goal)));
        return GoalStateCodec.decode(Objects.requireNonNull(message.remoteConfig()), message.packagesAvailable());
    }

    private static GoalState decode(Map<String, AgentConfigFile> entries) {
        return GoalStateCodec.decode(new AgentRemoteConfig(new AgentConfigMap(entries), Bytes.EMPTY), null);
    }

    private static Map<String, AgentConfigFile> configMap(GoalOffer offer) {
        return Objects.requireNonNull(offer.remoteConfig().config()).configMap();
    }

    private static AgentConfigFile entry(GoalOffer offer, String key) {
        return Objects.requireNonNull(configMap(offer).get(key));
    }

    private static AgentConfigMap map(String key, String type, String body) {
        return new AgentConfigMap(Map.of(key, new AgentConfigFile(Bytes.ofUtf8(body), type)));
    }

    private static AgentConfigFile file(String body) {
        return new AgentConfigFile(Bytes.ofUtf8(body), "application/json");
    }

    private static String golden(String file) throws IOException {
        try (InputStream in = GoalStateCodecTest.class.getResourceAsStream("/golden/v1/" + file)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
