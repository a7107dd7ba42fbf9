package dev.vmext.fleet;

import java.util.Map;

/** What opens a repository and its second place; for the part of the server that looks after them. */
public record RepositorySecrets(String password, Map<String, String> replicaEnvironment) {
    public RepositorySecrets {
        replicaEnvironment = Map.copyOf(replicaEnvironment);
    }

    @Override
    public String toString() {
        return "RepositorySecrets[hidden]";
    }
}
