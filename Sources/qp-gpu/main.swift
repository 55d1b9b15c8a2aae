print("qp-gpu")
