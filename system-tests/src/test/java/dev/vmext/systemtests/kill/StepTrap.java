package dev.vmext.systemtests.kill;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.connect.ListeningConnector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.VMDeathEvent;
import com.sun.jdi.event.VMDisconnectEvent;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.ClassPrepareRequest;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A debugger that waits for one Java process and stops all of its threads where one of them enters a method, if that is what the test waits for.
 * The process is then held until it is killed. For one process each.
 */
@SuppressWarnings("try") // close waits for a thread, which a test may interrupt
final class StepTrap implements AutoCloseable {
    private static final long SOON = 90;

    /**
     * A method, and how often it must have been entered under the trap's condition.
     *
     * @param type the class, by its full name
     */
    record Place(String type, String method, int hit) {
        Place(String type, String method) {
            this(type, method, 1);
        }
    }

    private final Place place;
    private final Callable<Boolean> wanted;
    private final ListeningConnector connector;
    private final Map<String, Connector.Argument> arguments;
    private final String address;
    private final CompletableFuture<@Nullable Void> caught = new CompletableFuture<>();
    private final Thread pump;
    private volatile @Nullable VirtualMachine machine;

    /** @param wanted asked at each hit, while the process is held */
    StepTrap(Place place, Callable<Boolean> wanted) throws IOException, IllegalConnectorArgumentsException {
        this.place = place;
        this.wanted = wanted;
        this.connector = Bootstrap.virtualMachineManager().listeningConnectors().stream()
                .filter(one -> one.transport().name().equals("dt_socket"))
                .findFirst()
                .orElseThrow();
        this.arguments = connector.defaultArguments();
        argument("localAddress").setValue("127.0.0.1");
        argument("port").setValue("0");
        argument("timeout").setValue(String.valueOf(TimeUnit.SECONDS.toMillis(SOON)));
        this.address = connector.startListening(arguments);
        this.pump = Thread.ofPlatform().daemon().name("trap").start(this::pump);
    }

    private Connector.Argument argument(String name) {
        return Objects.requireNonNull(arguments.get(name), name);
    }

    /** For the command line of the process. */
    String option() {
        return "-agentlib:jdwp=transport=dt_socket,server=n,suspend=y,address=" + address;
    }

    /** Waits until the process is held. */
    void awaitCaught() throws Exception {
        try {
            caught.get(SOON, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(
                    "the process never came to " + place + " as it was to; is that still its name?", e);
        }
    }

    private void pump() {
        try {
            VirtualMachine accepted = connector.accept(arguments);
            machine = accepted;
            ClassPrepareRequest loaded = accepted.eventRequestManager().createClassPrepareRequest();
            loaded.addClassFilter(place.type());
            loaded.setSuspendPolicy(EventRequest.SUSPEND_ALL);
            loaded.enable();
            int hits = 0;
            while (true) {
                EventSet events = accepted.eventQueue().remove();
                for (Event event : events) {
                    switch (event) {
                        case ClassPrepareEvent prepared -> breakAt(accepted, prepared);
                        case BreakpointEvent _ -> {
                            if (wanted.call() && ++hits == place.hit()) {
                                caught.complete(null);
                                return;
                            }
                        }
                        case VMDeathEvent _, VMDisconnectEvent _ ->
                            throw new IllegalStateException("the process ended before it came to " + place);
                        default -> {
                            // only that the process has started
                        }
                    }
                }
                events.resume();
            }
        } catch (Exception failed) {
            caught.completeExceptionally(failed);
        }
    }

    private void breakAt(VirtualMachine accepted, ClassPrepareEvent prepared) {
        List<Method> methods = prepared.referenceType().methodsByName(place.method());
        if (methods.isEmpty()) {
            throw new IllegalStateException(
                    "there is no method " + place + " any more; the trap must be set elsewhere");
        }
        for (Method method : methods) {
            BreakpointRequest request = accepted.eventRequestManager().createBreakpointRequest(method.location());
            request.setSuspendPolicy(EventRequest.SUSPEND_ALL);
            request.enable();
        }
    }

    /** Lets the process go on, if it still lives. */
    @Override
    public void close() throws IOException, InterruptedException {
        VirtualMachine held = machine;
        if (held == null) {
            try {
                connector.stopListening(arguments);
            } catch (IllegalConnectorArgumentsException notListening) {
                return;
            }
        } else {
            try {
                held.dispose();
            } catch (VMDisconnectedException killed) {
                // which is what it is for
                pump.join();
                return;
            }
        }
        pump.join();
    }
}
