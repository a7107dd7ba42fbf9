package dev.vmext.cli;

import java.lang.reflect.Constructor;
import picocli.CommandLine;

/**
 * Makes command objects: one that takes {@link Surroundings} gets them, all others picocli makes as usual. Picocli instantiates
 * subcommands by class, so this is its seam for constructor arguments.
 */
final class Commands implements CommandLine.IFactory {
    private final Surroundings world;

    Commands(Surroundings world) {
        this.world = world;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            Class<?>[] parameters = constructor.getParameterTypes();
            if (parameters.length == 1 && parameters[0] == Surroundings.class) {
                return type.cast(constructor.newInstance(world));
            }
        }
        return CommandLine.defaultFactory().create(type);
    }
}
