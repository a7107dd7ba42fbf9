package dev.vmext.agent.crash;

import dev.vmext.agent.process.testing.FakeHandlers.Behaviour;
import dev.vmext.agent.process.testing.FakeHandlers.Call;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.protocol.goal.PackageOffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * An operation that an agent must survive at every point.
 *
 * @param before what the machine has been through, without any crash
 * @param operation what is asked of it then; crashes begin with it
 */
record Scenario(String name, Consumer<Rig> before, Consumer<Rig> operation) {
    static List<Scenario> all() {
        return List.of(
                new Scenario("install", rig -> {}, rig -> ask(rig, fw(rig, "1.0.0"), 0)),
                new Scenario("settings", installed("1.0.0"), rig -> ask(rig, fw(rig, "1.0.0"), 1)),
                new Scenario("update", installed("1.0.0"), rig -> ask(rig, fw(rig, "1.1.0"), 0)),
                new Scenario("update-with-settings", installed("1.0.0"), rig -> ask(rig, fw(rig, "1.1.0"), 1)),
                new Scenario("downgrade", installed("1.1.0"), rig -> ask(rig, fw(rig, "1.0.0"), 0)),
                new Scenario(
                        "install-fails",
                        rig -> rig.handlers.script(fails("1.0.0", "install")),
                        rig -> ask(rig, fw(rig, "1.0.0"), 0)),
                new Scenario(
                        "enable-hangs",
                        rig -> rig.handlers.script(when(is("1.0.0", "enable"), new Behaviour.Hangs())),
                        rig -> ask(rig, fw(rig, "1.0.0"), 0)),
                new Scenario("update-fails-at-update", failingUpdate("update"), rig -> ask(rig, fw(rig, "1.1.0"), 0)),
                new Scenario("update-fails-at-install", failingUpdate("install"), rig -> ask(rig, fw(rig, "1.1.0"), 0)),
                new Scenario("update-fails-at-enable", failingUpdate("enable"), rig -> ask(rig, fw(rig, "1.1.0"), 0)),
                new Scenario(
                        "update-says-error",
                        installed("1.0.0")
                                .andThen(rig ->
                                        rig.handlers.script(when(is("1.1.0", "enable"), new Behaviour.SaysError()))),
                        rig -> ask(rig, fw(rig, "1.1.0"), 0)),
                new Scenario(
                        "update-fails-at-disable",
                        installed("1.0.0").andThen(rig -> rig.handlers.script(fails("1.0.0", "disable"))),
                        rig -> ask(rig, fw(rig, "1.1.0"), 0)),
                new Scenario(
                        "change-of-mind",
                        failingUpdate("install").andThen(rig -> {
                            ask(rig, fw(rig, "1.1.0"), 0);
                            rig.toRest();
                        }),
                        rig -> ask(rig, fw(rig, "1.2.0"), 0)),
                new Scenario("uninstall", installed("1.0.0"), Scenario::askGone),
                new Scenario(
                        "uninstall-fails-at-uninstall",
                        installed("1.0.0").andThen(rig -> rig.handlers.script(fails("1.0.0", "uninstall"))),
                        Scenario::askGone),
                new Scenario("withdraw", removed(), rig -> {
                    rig.forget("fw");
                    rig.push();
                }),
                new Scenario("reinstall", removed(), rig -> ask(rig, fw(rig, "1.0.0"), 1)),
                new Scenario("reboot", installed("1.0.0"), Rig::reboot),
                new Scenario(
                        "one-shot",
                        rig -> {},
                        rig -> ask(rig, rig.shelf.get("acme.Once", "1.0.0", Scenario::oneShot), 0)),
                new Scenario(
                        "one-shot-again",
                        rig -> {
                            ask(rig, rig.shelf.get("acme.Once", "1.0.0", Scenario::oneShot), 0);
                            rig.toRest();
                        },
                        rig -> ask(rig, rig.shelf.get("acme.Once", "1.0.0", Scenario::oneShot), 1)),
                new Scenario(
                        "one-shot-and-reboot",
                        rig -> {
                            ask(rig, rig.shelf.get("acme.Once", "1.0.0", Scenario::oneShot), 0);
                            rig.toRest();
                        },
                        Rig::reboot),
                new Scenario(
                        "retry",
                        rig -> rig.handlers.script(fails("1.0.0", "install")),
                        rig -> ask(rig, rig.shelf.get("acme.Retry", "1.0.0", Scenario::retrying), 0)),
                new Scenario("two-of-one-extension", rig -> {}, rig -> {
                    PackageOffer many = rig.shelf.get("acme.Many", "1.0.0", Scenario::many);
                    rig.want("one", many, 0);
                    rig.want("two", many, 0);
                    rig.push();
                }),
                new Scenario(
                        "one-of-two-is-removed",
                        rig -> {
                            PackageOffer many = rig.shelf.get("acme.Many", "1.0.0", Scenario::many);
                            rig.want("fw", many, 0);
                            rig.want("two", many, 0);
                            rig.push();
                            rig.toRest();
                        },
                        Scenario::askGone),
                new Scenario("dependency", rig -> {}, rig -> {
                    rig.want("av", rig.shelf.get("acme.Av", "1.0.0"), 0, "fw");
                    rig.want("fw", fw(rig, "1.0.0"), 0);
                    rig.push();
                }),
                new Scenario(
                        "dependency-is-removed-last",
                        rig -> {
                            rig.want("av", rig.shelf.get("acme.Av", "1.0.0"), 0, "fw");
                            rig.want("fw", fw(rig, "1.0.0"), 0);
                            rig.push();
                            rig.toRest();
                        },
                        rig -> {
                            rig.wantGone("av");
                            askGone(rig);
                        }));
    }

    /** Whether what this scenario runs may run once only. */
    boolean once() {
        return name.startsWith("one-shot");
    }

    private static SamplePackage oneShot(SamplePackage sample) {
        return sample.extension("kind", "\"one-shot\"");
    }

    private static SamplePackage many(SamplePackage sample) {
        return sample.extension("instances", "\"many\"");
    }

    private static SamplePackage retrying(SamplePackage sample) {
        return sample.extension("retry", "{\"attempts\": 3, \"delaySec\": 5}");
    }

    private static PackageOffer fw(Rig rig, String version) {
        return rig.shelf.get("acme.Fw", version);
    }

    private static void ask(Rig rig, PackageOffer offer, long sequence) {
        rig.want("fw", offer, sequence);
        rig.push();
    }

    private static void askGone(Rig rig) {
        rig.wantGone("fw");
        rig.push();
    }

    private static Consumer<Rig> installed(String version) {
        return rig -> {
            ask(rig, fw(rig, version), 0);
            rig.toRest();
        };
    }

    private static Consumer<Rig> removed() {
        return installed("1.0.0").andThen(rig -> {
            askGone(rig);
            rig.toRest();
        });
    }

    private static Consumer<Rig> failingUpdate(String word) {
        return installed("1.0.0").andThen(rig -> rig.handlers.script(fails("1.1.0", word)));
    }

    private static Predicate<Call> is(String version, String word) {
        return call -> call.version().equals(version) && call.word().equals(word);
    }

    private static Function<Call, Behaviour> fails(String version, String word) {
        return when(is(version, word), new Behaviour.Exits(7));
    }

    private static Function<Call, Behaviour> when(Predicate<Call> which, Behaviour behaviour) {
        return call -> which.test(call) ? behaviour : new Behaviour.Succeeds();
    }

    @Override
    public String toString() {
        return name;
    }
}
