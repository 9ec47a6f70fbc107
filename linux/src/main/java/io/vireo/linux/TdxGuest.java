package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The kernel's driver for a TDX guest, which asks the TDX module for reports about it (linux/tdx-guest.h). */
public final class TdxGuest implements AutoCloseable {
    public static final Path DEVICE = Path.of("/dev/tdx_guest");
    public static final int REPORT_DATA_SIZE = 64;
    public static final int REPORT_SIZE = 1024;

    /** _IOWR('T', 1, struct tdx_report_req): report data, then the report. */
    private static final long TDX_CMD_GET_REPORT0 = 0xc440_5401L;

    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;

    private static final MethodHandle OPEN =
            NativeCall.bindVariadic("open", FunctionDescriptor.of(INT, POINTER, INT), 2);
    private static final MethodHandle IOCTL =
            NativeCall.bindVariadic("ioctl", FunctionDescriptor.of(INT, INT, LONG, POINTER), 2);

    private final Fd fd;

    private TdxGuest(Fd fd) {
        this.fd = fd;
    }

    /** @param device {@link #DEVICE}; ENOENT where the kernel does not run as a TDX guest */
    public static TdxGuest open(Path device) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(device.toString());
            int number = (int) OPEN.invokeExact(NativeCall.errnoState(), path, O_RDWR | O_CLOEXEC);
            return new TdxGuest(new Fd(NativeCall.check(number, "open of " + device)));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /**
     * A TDREPORT of subtype 0.
     *
     * @param reportData {@value #REPORT_DATA_SIZE} bytes that the report contains
     * @return {@value #REPORT_SIZE} bytes
     */
    public byte[] report(byte[] reportData) throws LinuxException {
        if (reportData.length != REPORT_DATA_SIZE) {
            throw new IllegalArgumentException("report data of " + reportData.length + " bytes");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(REPORT_DATA_SIZE + REPORT_SIZE);
            MemorySegment.copy(reportData, 0, request, ValueLayout.JAVA_BYTE, 0, REPORT_DATA_SIZE);
            int result = (int) IOCTL.invokeExact(NativeCall.errnoState(), fd.number(), TDX_CMD_GET_REPORT0, request);
            NativeCall.check(result, "ioctl(TDX_CMD_GET_REPORT0)");
            return request.asSlice(REPORT_DATA_SIZE, REPORT_SIZE).toArray(ValueLayout.JAVA_BYTE);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
