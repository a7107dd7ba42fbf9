package dev.vmext.fleet;

/** Decides on a view that does not change meanwhile. Pure: a store may call it again when its transaction has to be repeated. */
@FunctionalInterface
public interface Decider<A> {
    Decision<A> decide(FleetView view);
}
