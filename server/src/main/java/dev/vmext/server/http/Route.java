package dev.vmext.server.http;

import java.util.List;

/**
 * One line of the table: a method on a path, who may use it, and what it takes.
 *
 * @param bodyLimit bytes of the largest body; 0 takes none
 * @param query names of the query parameters it knows; any other is refused
 */
record Route(Method method, PathTemplate path, Access access, long bodyLimit, List<String> query, Endpoint endpoint) {
    Route {
        query = List.copyOf(query);
    }

    /** What answers. Expected failures are thrown as problems; anything else is a bug. */
    @FunctionalInterface
    interface Endpoint {
        Answer answer(Call call) throws Exception;
    }
}
