package dev.vmext.packageformat.manifest;

import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a probe does. */
public sealed interface ProbeCheck {
    /** Runs a program without a shell; exit code 0 is healthy. A first word without leading slash lies in the package. */
    record Exec(List<String> command) implements ProbeCheck {
        public Exec {
            command = List.copyOf(command);
        }
    }

    /**
     * Asks over HTTP without following redirects. Its text form shows no value of a header: it may be secret.
     *
     * @param method GET or HEAD
     * @param statuses the healthy status codes
     * @param headers what the request says besides
     * @param bodyMatch regular expression that the beginning of the answer must contain somewhere; empty for any answer
     */
    record Http(URI url, String method, List<StatusCodes> statuses, Map<String, String> headers, String bodyMatch)
            implements ProbeCheck {
        public Http {
            statuses = List.copyOf(statuses);
            headers = Collections.unmodifiableMap(new TreeMap<>(headers));
        }

        @Override
        public String toString() {
            return "Http[" + method + " " + url + " " + statuses + ", headers " + headers.keySet() + ", body "
                    + bodyMatch + "]";
        }
    }

    /** Status codes from one to another, both included. */
    record StatusCodes(int from, int to) {
        public boolean has(int status) {
            return from <= status && status <= to;
        }

        @Override
        public String toString() {
            return from == to ? String.valueOf(from) : from + "-" + to;
        }
    }

    /** Opens a connection and closes it. */
    record Tcp(String host, int port) implements ProbeCheck {}

    /** Looks for a process with this name. */
    record RunningProcess(String name) implements ProbeCheck {}

    /** Asks systemd whether this unit is active. */
    record ActiveUnit(String name) implements ProbeCheck {}
}
