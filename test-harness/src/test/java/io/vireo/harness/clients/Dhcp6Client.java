package io.vireo.harness.clients;

/** Clients for IPv6, and how each is told what to do, in shell, in a guest whose {@code eth0} is down. */
enum Dhcp6Client {
    /** ISC's, which leaves router advertisements to the kernel; Debian's package {@code isc-dhcp-client}. */
    DHCLIENT {
        private static final String FILES = " -6 -pf /run/dhclient6.pid -lf /var/lib/dhcp/leases6 ";

        @Override
        String start(String card) {
            // It needs an address of the link's, which is on probation for a second or two.
            return """
                    ip link set %1$s up
                    until ip -6 -o address show dev %1$s scope link -tentative | grep -q inet6; do sleep 0.05; done
                    dhclient -nw%2$s%1$s""".formatted(card, FILES);
        }

        @Override
        String release(String card) {
            return "dhclient -r" + FILES + card;
        }
    },
    /** Debian's package {@code dhcpcd-base}. */
    DHCPCD {
        @Override
        String start(String card) {
            return "dhcpcd -6 --background " + card;
        }

        @Override
        String release(String card) { // at times it does not end by itself then (version 9.4)
            return "dhcpcd -6 --release " + card + " || busybox killall -KILL dhcpcd";
        }
    },
    /** systemd's, as in {@link Dhcp4Client#NETWORKD}. */
    NETWORKD {
        @Override
        String start(String card) {
            return """
                    mkdir -p /run/systemd/network /run/systemd/netif/leases /run/systemd/netif/links
                    cat >/run/systemd/network/%1$s.network <<END
                    [Match]
                    Name=%1$s
                    [Network]
                    DHCP=ipv6
                    IPv6AcceptRA=yes
                    END
                    chown -R systemd-network /run/systemd/netif
                    /lib/systemd/systemd-networkd >/run/networkd.log 2>&1 &
                    """.formatted(card);
        }

        @Override
        String release(String card) {
            throw new UnsupportedOperationException("systemd-networkd gives nothing back over IPv6");
        }
    };

    /** Starts it; it may return before there is an address. */
    abstract String start(String card);

    /** Gives the address back and ends the client. */
    abstract String release(String card);
}
