package dev.vmext.firewall;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;

/** A program of its own that tests start inside a network namespace: listens on ports, or tries to connect to one. */
public final class NetProbe {
    private NetProbe() {}

    /** {@code listen PORT...} until killed, or {@code connect ADDRESS PORT}, which says connected, refused or no answer. */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("listen")) {
            for (String port : Arrays.copyOfRange(arguments, 1, arguments.length)) {
                ServerSocket server = new ServerSocket(Integer.parseInt(port));
                Thread.ofPlatform().start(() -> answer(server));
            }
            System.out.println("ready");
        } else {
            System.out.println(connect(arguments[1], Integer.parseInt(arguments[2])));
        }
    }

    private static void answer(ServerSocket server) {
        while (true) {
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write('x');
            } catch (IOException e) {
                return;
            }
        }
    }

    private static String connect(String address, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 2000);
            socket.setSoTimeout(2000);
            return socket.getInputStream().read() == 'x' ? "connected" : "closed";
        } catch (SocketTimeoutException e) {
            return "no answer";
        } catch (ConnectException e) {
            return "refused";
        }
    }
}
