/**
 * What happens to frames: ports, networks, and the life of a batch from one guest's transmit ring to other guests' receive
 * rings. Confined to one reactor's thread; no locks, no allocation, no system calls but notifications, no logging.
 *
 * <pre>
 *   Forwarder    1 take chains    2 copy headers                                                7 publish, notify the sender
 *   Classifier                       3 decide on the private copies: destination, answer, punt, or drop
 *                Ipv4Classifier, Ipv6Classifier with NeighborDiscovery; ExpressLane and Ipv6ExpressLane for common frames;
 *                Punts to the address service; IcmpErrors to the sender
 *   Delivery                         4 reserve    5 copy once    6 publish, notify the receivers
 *   NetPort      who a guest is, its rings and counters; its Receiver has the buffers and the Backlog
 *   Network      which port an address leads to: an Ipv4Table and an Ipv6Table, replaced as addresses come and go;
 *                where all others lead: Routes, a Route for each prefix
 *   PortRings    a port's rings by virtqueue number, and how many queue pairs its guest uses; ControlServer its commands
 *   Peers        the ways to the other reactors, whose ports are not touched here
 *   OffloadRequest   what a sender leaves to be done, if it is true; OffloadHandling: passed on, completed or cut,
 *                which SoftwareOffload does
 *   PollSet      which ports are worth a visit, and whose guests were asked to kick instead
 * </pre>
 *
 * <p>Invariants: every frame taken is completed, in order, and counted; a frame is written to a receive ring only after
 * all its buffers are reserved; what was decided upon is the private copy of the header, never read again from the guest.
 *
 * <p>Deliberately not done: fragmentation, reassembly, IP options and routing headers that name the gateway, multicast between
 * guests.
 */
@NullMarked
package io.vireo.router.dataplane;

import org.jspecify.annotations.NullMarked;
