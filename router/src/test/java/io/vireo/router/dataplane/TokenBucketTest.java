package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.router.config.Rate;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenBucketTest {
    private static final long SECOND_NS = 1_000_000_000;
    /** The clock wraps around on the way; no constant, as the compiler would see that. */
    private static final long START_NS = Long.parseLong("9223372036854775807") - SECOND_NS / 3;

    private static TokenBucket bucket(long rate, long burstNs) {
        TokenBucket bucket = new TokenBucket(rate, burstNs);
        bucket.refill(START_NS);
        return bucket;
    }

    @ParameterizedTest
    @CsvSource({"1, 1000000", "8000, 1000000", "125000000, 10000000", "125000000000, 8000000", "999999937, 12345678"})
    void givesItsRateToTheToken(long rate, long burstNs) {
        TokenBucket bucket = bucket(rate, burstNs);
        Random random = new Random(1);
        long taken = bucket.available();
        long burst = taken;
        bucket.take(taken);
        long nowNs = 0;
        while (nowNs < 3 * SECOND_NS) {
            nowNs += random.nextLong(Math.max(burstNs / 2, 1));
            bucket.refill(START_NS + nowNs);
            long tokens = bucket.available();
            bucket.take(tokens);
            taken += tokens;
            assertTrue(taken <= burst + nowNs * (double) rate / SECOND_NS + 1, "no more than came");
        }
        double came = nowNs * (double) rate / SECOND_NS;
        assertEquals(came, (double) (taken - burst), 1 + rate * 1e-12, "and no less");
    }

    @Test
    void keepsNoMoreThanItsBurst() {
        TokenBucket bucket = bucket(1_000_000, 10_000_000);
        assertEquals(10_000, bucket.available());
        bucket.refill(START_NS + 1000 * SECOND_NS);
        assertEquals(10_000, bucket.available());
        bucket.take(10_000);
        assertEquals(0, bucket.available());
        bucket.refill(START_NS + 2000 * SECOND_NS);
        assertEquals(10_000, bucket.available());
    }

    @Test
    void keepsAtLeastOneToken() {
        assertEquals(1, bucket(10, Rate.MIN_BURST_NS).available());
    }

    @Test
    void whatCostsMoreThanThereIsIsPaidLater() {
        TokenBucket bucket = bucket(1000, SECOND_NS);
        bucket.take(2500);
        bucket.refill(START_NS + SECOND_NS);
        assertEquals(0, bucket.available());
        bucket.refill(START_NS + 3 * SECOND_NS / 2);
        assertEquals(0, bucket.available());
        bucket.refill(START_NS + 2 * SECOND_NS);
        assertEquals(500, bucket.available());
    }

    @Test
    void aDebtHasAnEnd() {
        TokenBucket bucket = bucket(1 << 20, SECOND_NS);
        bucket.take(1L << 32);
        bucket.refill(START_NS + SECOND_NS + 1);
        assertEquals(1, bucket.available());
    }

    @Test
    void isReadyAtTheTimeItSays() {
        TokenBucket bucket = bucket(1_000_000, 10_000_000);
        bucket.take(12_000);
        long readyNs = bucket.readyNs(1_000_000);
        assertEquals(START_NS + 3_000_001, readyNs);
        bucket.refill(readyNs - 2);
        assertEquals(1000, bucket.available());
        bucket.refill(readyNs);
        assertEquals(1001, bucket.available());
        assertEquals(readyNs, bucket.readyNs(1_000_000), "it is ready");
    }

    @Test
    void waitsForHalfOfASmallBurstAlone() {
        TokenBucket bucket = bucket(1_000_000, 1_000_000);
        bucket.take(1000);
        assertEquals(START_NS + 500_001, bucket.readyNs(1_000_000));
    }

    @Test
    void withoutALimitThereIsAlwaysEnough() {
        TokenBucket bucket = bucket(0, Rate.DEFAULT_BURST_NS);
        bucket.take(1L << 32);
        assertEquals(TokenBucket.UNLIMITED, bucket.available());
        assertEquals(START_NS, bucket.readyNs(1_000_000));
    }

    @Test
    void theGreatestRatesDoNotOverflow() {
        TokenBucket bucket = bucket(Rate.MAX_BITS / Byte.SIZE, Rate.MAX_BURST_NS);
        assertEquals(TokenBucket.MOST_KEPT, bucket.available());
        bucket.take(1L << 32);
        assertEquals(0, bucket.available());
        bucket.refill(START_NS + Long.MAX_VALUE / 2);
        assertEquals(TokenBucket.MOST_KEPT, bucket.available());
    }
}
