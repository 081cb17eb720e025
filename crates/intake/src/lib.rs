//! Files to payloads: header and locale recognition, refund rules, counts by reason.
