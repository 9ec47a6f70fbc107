package io.vireo.router.config;

/** How the guests of a network see it. 169.254.0.1 answers as gateway in both kinds. */
public enum Addressing {
    /** The guest gets the network's prefix and its first host address as gateway; the gateway answers ARP for its neighbours. */
    SUBNET,

    /** The guest gets a /32 and reaches everything through 169.254.0.1 (RFC 3442 classless static routes). */
    ROUTED
}
