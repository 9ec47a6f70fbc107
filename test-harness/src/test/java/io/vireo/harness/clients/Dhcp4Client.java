package io.vireo.harness.clients;

import java.util.Locale;

/**
 * DHCPv4 clients, and how each is told what to do, in shell, in a guest. Each begins with {@code eth0} down and without an
 * address, and runs in the background from {@link #start} on.
 */
enum Dhcp4Client {
    /** ISC's; Debian's package {@code isc-dhcp-client}. It leaves it to its script to look for conflicts. */
    DHCLIENT {
        private static final String FILES = " -4 -pf /run/dhclient.pid -lf /var/lib/dhcp/leases ";

        @Override
        String start(String card) {
            // Or else it would let a lease of seconds run out between two attempts.
            return "echo 'initial-interval 1; backoff-cutoff 2;' >>/etc/dhcp/dhclient.conf; "
                    + "dhclient --decline-wait-time 1" + FILES + card;
        }

        @Override
        String probing(String card) { // dhclient-script(8): it declines if the script ends with an error
            return """
                    cat >/etc/dhcp/dhclient-enter-hooks.d/probe <<'END'
                    case "$reason" in
                    BOUND | REBOOT) busybox arping -D -q -c 2 -w 2 -I "$interface" "$new_ip_address" || exit 1 ;;
                    esac
                    END
                    """;
        }

        @Override
        String release(String card) {
            return "dhclient -r" + FILES + card;
        }

        @Override
        String rememberAnotherAddress() {
            return "sed -i s/10.0.0.5/10.0.0.77/ /var/lib/dhcp/leases";
        }
    },
    /** Debian's package {@code dhcpcd-base}. */
    DHCPCD {
        @Override
        String start(String card) {
            return "dhcpcd -4 --background --noipv4ll " + card;
        }

        @Override
        String release(String card) { // at times it does not end by itself then (version 9.4)
            return "dhcpcd -4 --release " + card + " || " + kill();
        }

        @Override
        String rememberAnotherAddress() { // its file is the server's message
            return "perl -0777 -pi -e 's/\\x0a\\0\\0\\x05/\\x0a\\0\\0\\x4d/g' /var/lib/dhcpcd/*.lease";
        }
    },
    /** busybox's, with the script that guests with kernels of their own use. */
    UDHCPC {
        @Override
        String start(String card) {
            return "ip link set %1$s up && busybox udhcpc -f -i %1$s -p /run/udhcpc.pid -s /etc/udhcpc/default.script"
                            .formatted(card)
                    + " -R -a -t 5 -T 1 -A 1 -O mtu -O staticroutes >/run/udhcpc.log 2>&1 &";
        }

        @Override
        String release(String card) {
            return "kill $(cat /run/udhcpc.pid)"; // which -R makes it do
        }
    },
    /**
     * systemd's, run by hand: without a system manager, D-Bus or udev. Debian's package {@code systemd}. It sees conflicts, but
     * cannot decline (version 252): it would, from a socket that is bound to the address which it does not use.
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
                    DHCP=ipv4
                    IPv6AcceptRA=no
                    [DHCPv4]
                    SendRelease=yes
                    END
                    chown -R systemd-network /run/systemd/netif
                    /lib/systemd/systemd-networkd >/run/networkd.log 2>&1 &
                    echo $! >/run/networkd.pid
                    """.formatted(card);
        }

        @Override
        String probing(String card) {
            return """
                    mkdir -p /run/systemd/network/%1$s.network.d
                    printf '[DHCPv4]\\nSendDecline=yes\\n' >/run/systemd/network/%1$s.network.d/decline.conf
                    """.formatted(card);
        }

        @Override
        String release(String card) {
            return "kill $(cat /run/networkd.pid)"; // which SendRelease makes it do
        }
    };

    /** Starts it; it may return before there is a lease. */
    abstract String start(String card);

    /** Has it look for conflicts once it is started, if it does not anyway. */
    String probing(String card) {
        return "";
    }

    /** Gives the address back and ends the client. */
    abstract String release(String card);

    /** Ends it without a word; what it remembers of its lease stays. */
    String kill() {
        // Some of its processes end with the others before they are killed.
        return "busybox killall -KILL %s || true".formatted(name().toLowerCase(Locale.ROOT));
    }

    /** Makes the lease that the ended client remembers one of 10.0.0.77 where it was 10.0.0.5. */
    String rememberAnotherAddress() {
        throw new UnsupportedOperationException(this + " remembers nothing");
    }
}
