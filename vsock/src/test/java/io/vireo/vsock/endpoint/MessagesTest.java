package io.vireo.vsock.endpoint;

import static io.vireo.vsock.VsockHeader.CREDIT_UPDATE;
import static io.vireo.vsock.VsockHeader.END_OF_MESSAGE;
import static io.vireo.vsock.VsockHeader.END_OF_RECORD;
import static io.vireo.vsock.VsockHeader.REQUEST;
import static io.vireo.vsock.VsockHeader.RESPONSE;
import static io.vireo.vsock.VsockHeader.RW;
import static io.vireo.vsock.endpoint.Packet.toHost;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.vsock.stream.Pipe;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import io.vireo.vsock.stream.VsockStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sockets of messages (virtio 1.3, 5.10.6.4). */
class MessagesTest {
    private static final int SEQPACKET = 2;

    private final Pipe from = new Pipe(Packet.CREDIT, true);
    private final Pipe to = new Pipe(Packet.CREDIT, true);
    private Side device;

    @BeforeEach
    void start() throws Exception {
        device = Side.device();
    }

    @AfterEach
    void end() {
        device.close();
    }

    private static Packet request(int bufAlloc) {
        return toHost(REQUEST).type(SEQPACKET).credit(bufAlloc, 0);
    }

    private static Packet part(int length, int flags) {
        return toHost(RW).type(SEQPACKET).with(new byte[length]).flags(flags);
    }

    private void write(int length) {
        to.stage(new byte[length], 0, length);
        to.commit(END_OF_MESSAGE);
    }

    private static String shape(List<Packet> packets) {
        return String.join(
                " ",
                packets.stream()
                        .map(packet -> packet.op() == RW ? packet.length() + "/" + packet.flags() : "op" + packet.op())
                        .toList());
    }

    @Test
    void neverShareAPacket() {
        device.accepted(from, to, request(Packet.CREDIT));
        write(3);
        write(70_000);
        write(1);

        assertEquals("3/1 65536/0 4464/1 1/1", shape(device.sent()));
    }

    @Test
    void areAsLongAsThePeersBuffer() {
        device.accepted(from, to, request(100));
        write(100);
        assertEquals("100/1", shape(device.sent()));
        write(60);
        write(60);
        assertEquals("op7", shape(device.sent()));
        device.receive(toHost(CREDIT_UPDATE).type(SEQPACKET).credit(100, 100));
        assertEquals("60/1 40/0 op7", shape(device.sent()));
        device.receive(toHost(CREDIT_UPDATE).type(SEQPACKET).credit(100, 160));
        assertEquals("20/1", shape(device.sent()));
    }

    @Test
    void endWhereThePeerSaysSo() {
        device.accepted(from, to, request(Packet.CREDIT));
        device.receive(part(10, 0), part(5, END_OF_RECORD), part(7, END_OF_MESSAGE));
        assertEquals(22, from.messageLength(Packet.CREDIT), "a record's end alone ends nothing");
        device.receive(part(5, END_OF_MESSAGE | END_OF_RECORD | 4));
        from.consume(22);

        assertEquals(5, from.messageLength(Packet.CREDIT));
        assertEquals(END_OF_MESSAGE | END_OF_RECORD, from.mark(4));
    }

    @Test
    void fillTheBufferToTheLastByte() {
        device.accepted(from, to, request(Packet.CREDIT));
        for (int i = 0; i < 3; i++) {
            device.receive(part(65_536, 0));
        }
        device.receive(part(65_536, END_OF_MESSAGE));

        assertEquals(Packet.CREDIT, from.messageLength(Packet.CREDIT));
    }

    @Test
    void longerThanThePeersBufferAreRefused() throws Exception {
        device.receive(request(1000));
        VsockStream stream = device.loop.call(() -> device.requests.getLast().accept());
        stream.writeMessage(new byte[1000], 0, 1000);

        VsockException thrown = assertThrows(VsockException.class, () -> stream.writeMessage(new byte[1001], 0, 1001));

        assertEquals(VsockError.EMSGSIZE, thrown.error());
        device.receive(toHost(CREDIT_UPDATE).type(SEQPACKET).credit(2000, 0));
        stream.writeMessage(new byte[1001], 0, 1001);
        assertEquals("op2 1000/1 1000/0 op7", shape(device.sent()));
    }

    @Test
    void mayBeNoLongerThanWhereTheyGo() {
        from.longestMessage(5000);
        device.receive(request(Packet.CREDIT));
        device.on(() -> device.requests.getLast().accept(from, to));
        Packet response = device.sent().getFirst();
        assertEquals(RESPONSE, response.op());
        assertEquals(5000, response.bufAlloc());

        from.longestMessage(0);
        assertEquals(0, device.sent().getFirst().bufAlloc());
        assertEquals(List.of(), device.sentOps());
        from.longestMessage(1 << 30);
        Packet update = device.sent().getFirst();
        assertEquals(CREDIT_UPDATE, update.op());
        assertEquals(Packet.CREDIT, update.bufAlloc());
    }

    @Test
    void getRoomAsSoonAsTheBufferThatWasToldHasSome() {
        from.longestMessage(1000);
        device.accepted(from, to, request(Packet.CREDIT));
        device.receive(part(1000, END_OF_MESSAGE));
        assertEquals(List.of(), device.sentOps());
        from.consume(1000);

        assertEquals(1000, device.sent().getFirst().fwdCnt());
    }
}
