import EngramDrops
import Hummingbird
import Testing

@testable import EngramService

/// `openapi.json` against the addresses that there are.
@Suite struct DescriptionTests {
    private static let description = (try? JSONValue.parse(PackageResources.openapi_json, path: "openapi.json")) ?? .null

    private func members(_ value: JSONValue?) -> [JSONValue.Member] {
        guard case .object(let members)? = value else { return [] }
        return members
    }

    @Test func everyAddressIsDescribedAndEveryDescriptionIsOne() throws {
        let world = try World()
        let routes = Set(world.routes.all.map { "\($0.method.rawValue.lowercased()) \($0.path.replacing("**", with: "{path}"))" })
        let described = members(Self.description["paths"]).flatMap { path in members(path.value).map { "\($0.name) \(path.name)" } }
        #expect(Set(described) == routes && described.count == routes.count)
    }

    @Test func everyReferenceLeadsSomewhere() {
        var count = 0
        func look(_ value: JSONValue) {
            switch value {
            case .object(let members):
                for member in members {
                    if member.name == "$ref", let text = member.value.string {
                        count += 1
                        let target = text.dropFirst(2).split(separator: "/").reduce(JSONValue?.some(Self.description)) { $0?[String($1)] }
                        #expect(text.hasPrefix("#/") && target != nil, "\(text)")
                    } else {
                        look(member.value)
                    }
                }
            case .array(let values): values.forEach(look)
            default: break
            }
        }
        look(Self.description)
        #expect(count > 20 && Self.description["openapi"]?.string == "3.1.0")
    }

    /// What answers say, against the members that the description demands of them.
    @Test func answersHaveWhatTheDescriptionPromises() async throws {
        let world = try World()
        for path in ["/api/status", "/api/memories", "/api/digests", "/api/session"] {
            let answer = try #require(try await world.ask(.get, path).json)
            let content = Self.description["paths"]?[path]?["get"]?["responses"]?["200"]?["content"]?["application/json"]?["schema"]?[
                "$ref"]
            let schema = Self.description["components"]?["schemas"]?[content?.string?.split(separator: "/").last.map(String.init) ?? ""]
            guard case .array(let required)? = schema?["required"] else {
                Issue.record("\(path) demands nothing")
                continue
            }
            #expect(Set(required.compactMap(\.string)) == Set(members(answer).map(\.name)), "\(path)")
            #expect(answer["schema"]?.string == schema?["properties"]?["schema"]?["const"]?.string, "\(path)")
        }
    }
}
