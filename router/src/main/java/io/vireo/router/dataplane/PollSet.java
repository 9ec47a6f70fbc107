package io.vireo.router.dataplane;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ports of a reactor. The active ones are polled, so their guests are told not to kick. The others are silent: their
 * guests were asked for kicks when they had nothing to do, and they cost nothing until they kick. One that is silent because
 * its guest has used up what it may send or be given is paused: it becomes active by itself when there is more. Confined to
 * the reactor's thread.
 *
 * <p>A port that is attached is one or the other; whose ring starts is active. A port that nobody can kick for is never silent; a broken one always is.
 */
public final class PollSet {
    private static final int INITIAL_CAPACITY = 16;

    /** By token; null where a token is free. */
    private @Nullable NetPort[] attached = new NetPort[INITIAL_CAPACITY];
    /** Dense, with room for all that are attached. */
    private @Nullable NetPort[] active = new NetPort[INITIAL_CAPACITY];

    private int attachedCount;
    private int activeCount;
    private final PausedPorts paused = new PausedPorts();

    /** What a port has to do with its set; the port holds it, so that nothing needs to be looked up. */
    static final class Membership {
        private @Nullable PollSet set;
        private int token;
        private int position;
        private boolean active;
        private boolean worked;

        /** A port of a set must be visited though nobody kicks. */
        void wake(NetPort port) {
            if (set != null && !active) {
                set.activate(port);
            }
        }

        /** Leaves the port alone as long as a limit wants it. @return false if it is in no set, which would come back to it */
        boolean pause(RateLimiter limiter) {
            if (set == null) {
                return false;
            }
            set.paused.pause(limiter);
            return true;
        }
    }

    // ---- attached ports

    /** Adds a port, if it is not there, which is silent until it is activated. @return its token as long as it is attached */
    public int attach(NetPort port) {
        Membership member = port.membership();
        if (member.set == null) {
            if (attachedCount == attached.length) {
                attached = Arrays.copyOf(attached, 2 * attachedCount);
                active = Arrays.copyOf(active, 2 * attachedCount);
            }
            member.token = freeToken();
            member.set = this;
            member.active = false;
            attached[member.token] = port;
            attachedCount++;
            paused.add(port);
        }
        return member.token;
    }

    private int freeToken() {
        int token = 0;
        while (attached[token] != null) {
            token++;
        }
        return token;
    }

    public void detach(NetPort port) {
        Membership member = port.membership();
        if (member.set != this) {
            return;
        }
        if (member.active) {
            remove(member);
        }
        attached[member.token] = null;
        attachedCount--;
        member.set = null;
        paused.remove(port);
    }

    /** All ports, in a list of its own; not for the data path. */
    public List<NetPort> attached() {
        List<NetPort> ports = new ArrayList<>(attachedCount);
        for (NetPort port : attached) {
            if (port != null) {
                ports.add(port);
            }
        }
        return ports;
    }

    /** Whether there are ports that are not polled. */
    public boolean hasSilent() {
        return activeCount < attachedCount;
    }

    // ---- active ports

    public int activeCount() {
        return activeCount;
    }

    /** The active ports are numbered from 0 on; activating one adds it at the end. */
    public @Nullable NetPort active(int number) {
        return active[number];
    }

    /** Notes that a visit found work. */
    public static void noteWork(NetPort port) {
        port.membership().worked = true;
    }

    /** The port with this token was kicked. A port that is gone, or active anyway, does not mind. */
    public void kicked(long token) {
        NetPort port = token >= 0 && token < attached.length ? attached[(int) token] : null;
        if (port != null) {
            activate(port);
        }
    }

    /** Polls an attached port from now on, unless it is broken. */
    public void activate(NetPort port) {
        Membership member = port.membership();
        if (member.set != this || member.active || port.isBroken()) {
            return;
        }
        port.suppressKicks();
        member.position = activeCount;
        member.active = true;
        member.worked = true; // it may stay for one round at least
        active[activeCount++] = port;
    }

    /** Silences the ports that found no work since the last call. */
    public void silenceIdle() {
        for (int i = activeCount - 1; i >= 0; i--) {
            NetPort port = active[i];
            if (port != null && !port.membership().worked) {
                silence(port);
            } else if (port != null) {
                port.membership().worked = false;
            }
        }
    }

    /** Silences all ports but those that have work, or can only be polled. @return whether no port is active any more */
    public boolean silenceAll() {
        for (int i = activeCount - 1; i >= 0; i--) {
            NetPort port = active[i];
            if (port != null) {
                silence(port);
            }
        }
        return activeCount == 0;
    }

    private void silence(NetPort port) {
        if (port.requestKicks()) {
            port.suppressKicks();
        } else {
            remove(port.membership());
        }
    }

    private void remove(Membership member) {
        NetPort last = active[--activeCount];
        active[activeCount] = null;
        member.active = false;
        if (last != null && last.membership() != member) {
            active[member.position] = last;
            last.membership().position = member.position;
        }
    }

    // ---- paused ports

    /** Whether a port waits for a time, and not for a kick, or not only. */
    public boolean hasPaused() {
        return paused.areThere();
    }

    /** While {@link #hasPaused}: nanoseconds until {@link #resume} is due, not positive if it is. */
    public long pauseNs(long nowNs) {
        return paused.remainingNs(nowNs);
    }

    /**
     * Polls the ports again whose pauses are over; to be called now and then.
     *
     * @param nowNs as {@link System#nanoTime}
     */
    public void resume(long nowNs) {
        paused.resume(nowNs);
    }

    /** After an error that may have struck anywhere in here: polls every port again, so that no kick is waited for in vain. */
    public void activateAll() {
        paused.clear();
        Arrays.fill(active, null);
        activeCount = 0;
        for (NetPort port : attached) {
            if (port != null) {
                port.membership().active = false;
            }
        }
        for (NetPort port : attached) {
            if (port != null) {
                activate(port);
            }
        }
    }
}
