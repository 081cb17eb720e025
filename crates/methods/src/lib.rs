//! What is computed about customers behind more than one door.
