import Shell

import Glibc

let ports = Ports(
  client: { connection in
    let place = ControlPlace(connection)
    try await place.requireTopics()
    return KafkaControlClient(place)
  },
  topics: { KafkaTopicsAdministrator(ControlPlace($0)) },
  serve: { options, logger, tell in try await Service(options, logger, tell).run() })

let shell = Shell(ports: ports, terminal: .standard, environment: ProcessEnvironment.all)
exit(await shell.run(Array(CommandLine.arguments.dropFirst())).rawValue)
