package dev.vmext.server.http;

/** The methods our routes use. */
public enum Method {
    GET,
    PUT,
    POST,
    PATCH,
    DELETE;

    boolean safe() {
        return this == GET;
    }
}
