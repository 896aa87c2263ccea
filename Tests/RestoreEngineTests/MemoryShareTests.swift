import Testing

@testable import RestoreEngine

@Suite("Memory of lanes")
struct MemoryShareTests {
  @Test("Lanes share one bound, and none has more than its own")
  func shares() {
    let share = MemoryShare(total: 100, most: 60)
    #expect(share.bytes == 60)
    share.enter()
    #expect(share.bytes == 60)
    share.enter()
    #expect(share.bytes == 50)
    for _ in 0..<8 { share.enter() }
    #expect(share.bytes == 10)
    for _ in 0..<9 { share.leave() }
    #expect(share.bytes == 60)
  }
}
