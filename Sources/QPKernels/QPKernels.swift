// The module begins with its first type.
