package dev.vmext.systemtests.vm;

import dev.vmext.systemtests.product.Repository;

/** The application of stories, {@code story-shop.service} on the machine: {@code stories/shop.py} in the folder /run/story-shop, on port 8998. */
final class Shop {
    private Shop() {}

    /** Starts it; it answers when this returns. */
    static void start(HostFiles files) throws Exception {
        String programs = files.serve("stories", Repository.ROOT.resolve("system-tests/src/test/resources/stories"));
        MachineStory.inside("""
                mkdir -p /run/story-shop
                curl -sSf -o /run/story-shop/shop.py %sshop.py
                cat > /run/systemd/system/story-shop.service <<'END'
                [Service]
                WorkingDirectory=/run/story-shop
                ExecStart=/usr/bin/python3 shop.py
                END
                systemctl daemon-reload
                echo all is well > /run/story-shop/health
                echo shop_orders_total 40 > /run/story-shop/metrics
                systemctl restart story-shop
                curl -sSf --retry 60 --retry-connrefused --retry-delay 1 http://127.0.0.1:8998/health""".formatted(programs));
    }

    static void stop() throws Exception {
        MachineStory.inside("""
                systemctl stop story-shop
                rm -rf /run/story-shop /run/systemd/system/story-shop.service
                systemctl daemon-reload
                systemctl reset-failed story-shop 2>/dev/null || true""");
    }
}
