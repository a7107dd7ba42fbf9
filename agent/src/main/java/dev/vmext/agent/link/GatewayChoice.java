package dev.vmext.agent.link;

import java.util.List;

/** Which of several gateways is in use: the next one after each failure. Any thread. */
final class GatewayChoice {
    private final List<String> gateways;
    private int at;

    GatewayChoice(List<String> gateways) {
        this.gateways = List.copyOf(gateways);
        if (this.gateways.isEmpty()) {
            throw new IllegalArgumentException("no gateway");
        }
    }

    synchronized String current() {
        return gateways.get(at);
    }

    synchronized void failed() {
        at = (at + 1) % gateways.size();
    }
}
