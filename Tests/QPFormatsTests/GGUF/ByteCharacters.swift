/// The characters that byte-level tokens are spelt in, by byte, as GPT-2's encoder makes them.
let byteCharacters: [String] = {
    var next: UInt32 = 256
    return (0...255).map { (byte: UInt32) -> String in
        let isPrintable = (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
        defer { if !isPrintable { next += 1 } }
        return String(Unicode.Scalar(isPrintable ? byte : next)!)
    }
}()

/// `text` as a byte-level token spells it.
func byteLevel(_ text: String) -> String { text.utf8.map { byteCharacters[Int($0)] }.joined() }
