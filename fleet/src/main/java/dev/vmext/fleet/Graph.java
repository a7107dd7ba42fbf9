package dev.vmext.fleet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Who comes after whom, by name. Names that are nobody's key are ignored. Immutable. */
final class Graph {
    private final TreeMap<String, TreeSet<String>> after = new TreeMap<>();

    Graph(Map<String, ? extends Collection<String>> after) {
        after.forEach((name, before) -> {
            TreeSet<String> known = new TreeSet<>(before);
            known.retainAll(after.keySet());
            this.after.put(name, known);
        });
    }

    /** Everyone after those it waits for, by name where that leaves a choice; what is in a circle, or behind one, comes last. */
    List<String> order() {
        List<String> order = new ArrayList<>();
        TreeMap<String, Set<String>> waiting = new TreeMap<>();
        after.forEach((name, before) -> waiting.put(name, new TreeSet<>(before)));
        while (!waiting.isEmpty()) {
            Optional<String> next = waiting.entrySet().stream()
                    .filter(entry -> entry.getValue().isEmpty())
                    .map(Map.Entry::getKey)
                    .findFirst();
            if (next.isEmpty()) {
                order.addAll(waiting.keySet());
                break;
            }
            waiting.remove(next.get());
            waiting.values().forEach(before -> before.remove(next.get()));
            order.add(next.get());
        }
        return List.copyOf(order);
    }

    /** One circle, its first name repeated at the end; empty when there is none. */
    Optional<List<String>> circle() {
        TreeSet<String> rest = new TreeSet<>(after.keySet());
        boolean shrunk = true;
        while (shrunk) {
            shrunk = rest.removeIf(
                    name -> after.getOrDefault(name, new TreeSet<>()).stream().noneMatch(rest::contains));
        }
        if (rest.isEmpty()) {
            return Optional.empty();
        }
        // Everyone left waits for somebody left, so walking along must come back to where it has been.
        List<String> path = new ArrayList<>();
        String at = rest.first();
        while (!path.contains(at)) {
            path.add(at);
            at = after.getOrDefault(at, new TreeSet<>()).stream()
                    .filter(rest::contains)
                    .findFirst()
                    .orElseThrow();
        }
        List<String> circle = new ArrayList<>(path.subList(path.indexOf(at), path.size()));
        circle.add(at);
        return Optional.of(List.copyOf(circle));
    }
}
