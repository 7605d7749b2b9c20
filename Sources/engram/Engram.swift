@main
struct Engram {
    static func main() { print("engram") }
}
