package dev.vmext.server.gateway;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** Jetty's connector, which closes what an address begins too often before any of it costs a handshake. */
final class GatewayConnector extends ServerConnector {
    private static final System.Logger LOG = System.getLogger(GatewayConnector.class.getName());

    private final HandshakeLimit limit;

    GatewayConnector(Server server, HandshakeLimit limit, ConnectionFactory... factories) {
        super(server, factories);
        this.limit = limit;
    }

    @Override
    protected SelectorManager newSelectorManager(Executor executor, Scheduler scheduler, int selectors) {
        return new ServerConnectorManager(executor, scheduler, selectors) {
            @Override
            public void accept(SelectableChannel channel, @Nullable Object attachment) {
                if (mayBegin(channel)) {
                    super.accept(channel, attachment);
                }
            }
        };
    }

    private boolean mayBegin(SelectableChannel channel) {
        try {
            if (channel instanceof SocketChannel socket
                    && !limit.admits(socket.socket().getInetAddress())) {
                LOG.log(
                        System.Logger.Level.DEBUG,
                        "{0} connects too often, closing",
                        socket.socket().getInetAddress());
                channel.close();
                return false;
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing a connection failed, ignoring", e);
            return false;
        }
        return true;
    }
}
