package io.vireo.harness.clients;

/** Clients for IPv6, and how each is told what to do, in shell, in a guest whose {@code eth0} is down. */
enum Dhcp6Client {
    /**
     * ISC's, which leaves router advertisements to the kernel; Debian's package {@code isc-dhcp-client}. That it declines an
     * address in use is its script's affair, and not part of Debian's.
     */
    DHCLIENT {
        private static final String FILES = " -6 -pf /run/dhclient6.pid -lf /var/lib/dhcp/leases6 ";

        @Override
        String start(String card) {
            return start(card, "");
        }

        @Override
        String startRouter(String card, String inner) { // what is delegated is its script's affair
            return """
                    cat >/etc/dhcp/dhclient-exit-hooks.d/delegated <<'END'
                    [ -z "$new_ip6_prefix" ] || ip -6 address replace "${new_ip6_prefix%%/*}1/64" dev %s
                    END
                    """.formatted(inner) + start(card, "-N -P");
        }

        private static String start(String card, String what) {
            // It needs an address of the link's, which is on probation for a second or two.
            return """
                    ip link set %1$s up
                    until ip -6 -o address show dev %1$s scope link -tentative | grep -q inet6; do sleep 0.05; done
                    dhclient -nw --decline-wait-time 1 %3$s %2$s%1$s""".formatted(card, FILES, what);
        }

        @Override
        String release(String card) {
            return "dhclient -r -N -P" + FILES + card; // or else a prefix stays its own
        }
    },
    /**
     * Debian's package {@code dhcpcd-base}. It cannot decline an address of limited lifetime (version 9.4): it waits for the
     * kernel to mark it as a duplicate, but that is what kernels do to permanent ones; the others they remove.
     */
    DHCPCD {
        @Override
        String start(String card) {
            return "dhcpcd -6 --background " + card;
        }

        @Override
        String startRouter(String card, String inner) {
            return """
                    cat >>/etc/dhcpcd.conf <<'END'
                    noipv6rs
                    interface %1$s
                    ipv6rs
                    ia_na 1
                    ia_pd 2 %2$s/0/64
                    END
                    dhcpcd -6 --nodev --background %1$s %2$s
                    """.formatted(card, inner);
        }

        @Override
        String release(
                String card) { // the first is for one card; at times it does not end by itself then (version 9.4)
            return "dhcpcd -6 --release " + card + " || dhcpcd -6 --release || busybox killall -KILL dhcpcd";
        }
    },
    /**
     * systemd's, as in {@link Dhcp4Client#NETWORKD}. It knows neither DECLINE nor RELEASE over IPv6 (version 252), and its
     * timers go off up to ten seconds late, unless something else wakes it.
     */
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
        String startRouter(String card, String inner) {
            return """
                    mkdir -p /run/systemd/network
                    cat >/run/systemd/network/%1$s.network <<END
                    [Match]
                    Name=%1$s
                    [Network]
                    IPv6AcceptRA=no
                    DHCPPrefixDelegation=yes
                    [DHCPPrefixDelegation]
                    UplinkInterface=%2$s
                    SubnetId=0
                    Token=::1
                    Announce=no
                    END
                    """.formatted(inner, card) + start(card);
        }

        @Override
        String release(String card) {
            throw new UnsupportedOperationException("systemd-networkd gives nothing back over IPv6");
        }
    };

    /** Starts it; it may return before there is an address. */
    abstract String start(String card);

    /**
     * Starts it as {@link #start}, on a guest that is a router itself: it asks for a prefix too, and gives the card
     * {@code inner} the first address of that.
     */
    abstract String startRouter(String card, String inner);

    /** Gives back what it has and ends the client. */
    abstract String release(String card);
}
