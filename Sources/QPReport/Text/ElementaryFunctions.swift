// Foundation would only be imported for these four, and it is the larger part of a static binary.
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

func powerOfTen(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

func decimalLogarithm(_ value: Double) -> Double { log10(value) }

func angleDegrees(rise: Double, run: Double) -> Double { atan2(rise, run) * 180 / .pi }
