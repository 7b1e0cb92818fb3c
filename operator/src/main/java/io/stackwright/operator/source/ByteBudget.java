package io.stackwright.operator.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/** How many bytes one operation may still receive. */
final class ByteBudget {

    /** Hears how many have been received so far, and may have the reader wait. */
    interface Gate {
        void read(long bytes) throws IOException;
    }

    private final long bytes;
    private final Gate gate;
    private final AtomicLong left;

    ByteBudget(long bytes, Gate gate) {
        this.bytes = bytes;
        this.gate = gate;
        this.left = new AtomicLong(bytes);
    }

    /** All that the operation may receive. */
    long bytes() {
        return bytes;
    }

    /** Whether more was received than allowed. */
    boolean exceeded() {
        return left.get() < 0;
    }

    /** Takes bytes off. */
    void spend(long bytes) throws IOException {
        long now = left.addAndGet(-bytes);
        if (now < 0) {
            throw new IOException("too large");
        }
        gate.read(this.bytes - now);
    }

    InputStream count(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                int value = super.read();
                if (value >= 0) {
                    spend(1);
                }
                return value;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int count = super.read(buffer, offset, length);
                if (count > 0) {
                    spend(count);
                }
                return count;
            }
        };
    }
}
