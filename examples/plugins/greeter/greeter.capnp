@0xcf2d449d8fede5ad;
# What is said to a greeter. It travels in starling's envelope, so CAF need not
# know these types. A field's number is never used for something else.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("greeter::wire");

struct Greet {
  # Asks for a greeting.

  name @0 :Text;
  # Who is greeted; 1 to 100 bytes.
}

struct Greeting {
  # The answer to Greet.

  text @0 :Text;
  # What to say.

  greeted @1 :UInt64;
  # How many this actor has greeted, this one included.
}
