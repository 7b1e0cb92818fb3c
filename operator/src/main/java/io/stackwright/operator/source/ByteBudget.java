package io.stackwright.operator.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/** How many bytes one operation may still receive. */
final class ByteBudget {

    private final AtomicLong left;

    ByteBudget(long bytes) {
        this.left = new AtomicLong(bytes);
    }

    /** Whether more was received than allowed. */
    boolean exceeded() {
        return left.get() < 0;
    }

    /** Takes bytes off. */
    void spend(long bytes) throws IOException {
        if (left.addAndGet(-bytes) < 0) {
            throw new IOException("too large");
        }
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
