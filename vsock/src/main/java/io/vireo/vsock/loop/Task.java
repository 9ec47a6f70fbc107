package io.vireo.vsock.loop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Something that a {@link Loop} does whenever anybody says that it may be worth it. */
public abstract class Task {
    private static final VarHandle QUEUED;

    static {
        try {
            QUEUED = MethodHandles.lookup().findVarHandle(Task.class, "queued", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Loop loop;

    @SuppressWarnings("unused") // by way of QUEUED
    private volatile boolean queued;

    /** Behind it in the loop's list; whoever has the list, has this. */
    @Nullable
    Task next;

    protected Task(Loop loop) {
        this.loop = loop;
    }

    protected final Loop loop() {
        return loop;
    }

    /** Has the loop run this soon, once for all who asked until then. For any thread; allocates nothing. */
    public final void ready() {
        if (QUEUED.compareAndSet(this, false, true)) {
            loop.add(this);
        }
    }

    final void runNow() {
        QUEUED.setVolatile(this, false); // who asks from here on is heard in the next turn
        run();
    }

    /** On the loop's thread; must not block. */
    protected abstract void run();
}
